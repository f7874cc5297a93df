using System;

namespace AvatarBridge.Core
{
    /// <summary>
    /// What is due at the bridge, told by the local clock. The layout anchors it. Two machines' clocks part by some seconds
    /// a day, so the lead of idle frames is watched: the bridge keeps it constant, hence a change of its median is drift.
    /// </summary>
    public sealed class DueClock
    {
        /// <summary>At 60 messages a second five seconds of idleness, in one piece or between many short lines.</summary>
        const int Window = 300;
        const double MaxStepS = 0.005;

        readonly double[] _leads = new double[Window];
        readonly double _arrivalS;
        double _anchorS;
        int _count;
        double _reference = double.NaN;

        public DueClock(double nowS, long dueIndex)
        {
            _arrivalS = nowS;
            _anchorS = dueIndex / (double)Wire.Fps;
        }

        /// <summary>Seconds on the subject's timeline due at the bridge at <paramref name="nowS"/>.</summary>
        public double At(double nowS)
        {
            return _anchorS + nowS - _arrivalS;
        }

        /// <summary>Note that the newest frame has just arrived, in an idle stretch: speech is sent with another lead.</summary>
        public void Observe(double nowS, long newestIndex)
        {
            _leads[_count++] = newestIndex / (double)Wire.Fps - At(nowS);
            if (_count < Window) return;
            Array.Sort(_leads);
            var lead = _leads[Window / 2];
            if (double.IsNaN(_reference)) _reference = lead;
            else _anchorS += Math.Max(-MaxStepS, Math.Min(MaxStepS, lead - _reference));
            _count = 0;
        }
    }
}
