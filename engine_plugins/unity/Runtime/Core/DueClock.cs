using System;

namespace AvatarBridge.Core
{
    /// <summary>
    /// What is due at the bridge, told by the local clock. The layout anchors it. Two machines' clocks part by some seconds
    /// a day, so the lead of idle frames is watched: the bridge keeps it constant, hence a change of its median is drift.
    /// </summary>
    public sealed class DueClock
    {
        const double WindowS = 10;
        const double MaxStepS = 0.005;
        /// <summary>More than 60 messages a second for as long as the window.</summary>
        const int MaxLeads = 1024;

        readonly double[] _leads = new double[MaxLeads];
        readonly double _arrivalS;
        double _anchorS;
        int _count;
        double _windowStart = double.NaN;
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

        /// <summary>Note that the newest frame has just arrived in an idle stretch.</summary>
        public void Observe(double nowS, long newestIndex)
        {
            if (double.IsNaN(_windowStart)) _windowStart = nowS;
            if (_count < MaxLeads) _leads[_count++] = newestIndex / (double)Wire.Fps - At(nowS);
            if (nowS - _windowStart < WindowS) return;
            Array.Sort(_leads, 0, _count);
            var lead = _leads[_count >> 1];
            if (double.IsNaN(_reference)) _reference = lead;
            else _anchorS += Math.Max(-MaxStepS, Math.Min(MaxStepS, lead - _reference));
            Skip();
        }

        /// <summary>Forget the window begun: speech is sent with another lead.</summary>
        public void Skip()
        {
            _count = 0;
            _windowStart = double.NaN;
        }
    }
}
