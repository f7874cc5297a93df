using System;

namespace AvatarBridge.Core
{
    /// <summary>
    /// A continuous audio clock. An engine's own steps by a whole buffer (1024 frames are 21 ms) and is read late by as much as
    /// threads wait; this one runs with the computer's clock in between and is led to the steps. Not thread-safe.
    /// </summary>
    public sealed class DspClock
    {
        /// <summary>
        /// The share of each step's error that is taken over. Threads wake late and never early, so the steps that come
        /// earliest are the true ones and count more.
        /// </summary>
        const double GainEarly = 0.1;
        const double GainLate = 0.01;
        /// <summary>A larger error is no jitter: the output has stood still.</summary>
        const double JumpS = 0.1;

        double _offsetS;
        bool _hasBegun;
        double _latestS = double.NegativeInfinity;

        /// <summary>At <paramref name="nowS"/> the output asked for the buffer that begins at <paramref name="bufferS"/>.</summary>
        public void Observe(double nowS, double bufferS)
        {
            var error = bufferS - nowS - _offsetS;
            if (_hasBegun && Math.Abs(error) <= JumpS)
            {
                _offsetS += error * (error > 0 ? GainEarly : GainLate);
                return;
            }
            _offsetS = bufferS - nowS;
            _latestS = double.NegativeInfinity;
            _hasBegun = true;
        }

        /// <summary>The audio clock at <paramref name="nowS"/>; it never goes back.</summary>
        public double At(double nowS)
        {
            _latestS = Math.Max(_latestS, nowS + _offsetS);
            return _latestS;
        }
    }
}
