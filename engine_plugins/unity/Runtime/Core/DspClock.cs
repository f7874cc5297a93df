using System;

namespace AvatarBridge.Core
{
    /// <summary>
    /// A continuous audio clock. An engine's own steps by a whole buffer (1024 frames are 21 ms) and is read late by as much as
    /// threads wait; this one runs with the computer's clock in between and is led to the steps. Not thread-safe.
    /// </summary>
    public sealed class DspClock
    {
        /// <summary>The share of each step's error that is taken over: jitter is averaged over some twenty buffers.</summary>
        const double Gain = 0.05;
        /// <summary>A larger error is no jitter: the output has stood still.</summary>
        const double JumpS = 0.15;
        const int Settling = 20;

        double _offsetS;
        int _steps;
        double _latestS = double.NegativeInfinity;

        /// <summary>At <paramref name="nowS"/> the output asked for the buffer that begins at <paramref name="bufferS"/>.</summary>
        public void Observe(double nowS, double bufferS)
        {
            var error = bufferS - nowS - _offsetS;
            if (_steps == 0 || Math.Abs(error) > JumpS)
            {
                _offsetS = bufferS - nowS;
                _steps = 1;
                _latestS = double.NegativeInfinity;
                return;
            }
            _steps++;
            _offsetS += error * Math.Max(Gain, 1.0 / Math.Min(_steps, Settling));
        }

        /// <summary>The audio clock at <paramref name="nowS"/>; it never goes back.</summary>
        public double At(double nowS)
        {
            _latestS = Math.Max(_latestS, nowS + _offsetS);
            return _latestS;
        }
    }
}
