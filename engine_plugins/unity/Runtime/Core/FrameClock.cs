using System;

namespace AvatarBridge.Core
{
    /// <summary>
    /// Which moment of the subject's timeline is shown now. Until audio runs: what is due at the bridge less a buffer.
    /// Then by what is heard; while something is heard the two are rigid, between utterances the picture is led
    /// back, imperceptibly slowly, to the bridge's clock.
    /// </summary>
    public sealed class FrameClock
    {
        /// <summary>Beyond this nothing is caught up smoothly: the picture jumps.</summary>
        const double JumpS = 0.5;
        const double MaxSlew = 0.02;
        /// <summary>How fast the delay that a late utterance forced on us is given back while idle.</summary>
        const double RecoveryPerS = 0.005;

        readonly double _bufferS;
        readonly double _marginS;
        readonly Timeline _timeline = new Timeline();
        DueClock _due;
        double _extraS;
        bool _hasBegun;
        Reading _last;

        /// <summary>Frames are shown <paramref name="bufferS"/> after they are due; audio is placed at least
        /// <paramref name="marginS"/> ahead of what is rendered.</summary>
        public FrameClock(double bufferS, double marginS)
        {
            _bufferS = bufferS;
            _marginS = marginS;
        }

        /// <summary>The layout has arrived: the picture is led to where it says.</summary>
        public void Anchor(ref Reading reading, long dueIndex)
        {
            _due = new DueClock(reading.NowS, dueIndex);
            _extraS = 0;
            if (_hasBegun) Advance(ref reading, false);
        }

        /// <summary>Frames of an idle stretch have arrived; they tell how the bridge's clock goes.</summary>
        public void Observe(ref Reading reading, long newestIndex)
        {
            if (_due != null) _due.Observe(reading.NowS, newestIndex);
        }

        /// <summary>The time to show, in seconds on the timeline; NaN before the first layout.</summary>
        public double Advance(ref Reading reading, bool isPlaying)
        {
            if (_due == null) return double.NaN;
            // A wireless loudspeaker is further behind than the buffer; speech placed by it would always come too late.
            var behindS = reading.HasAudio ? Math.Max(_bufferS, reading.LatencyS + _marginS) : _bufferS;
            var target = _due.At(reading.NowS) - behindS - _extraS;
            GoBy(ref reading, target);
            var clockS = reading.ClockS;
            if (!isPlaying && !_timeline.IsMoving(clockS))
            {
                var behind = target - _timeline.At(clockS);
                _extraS = Math.Max(0, _extraS - (reading.NowS - _last.NowS) * RecoveryPerS);
                if (Math.Abs(behind) > JumpS) _timeline.MoveAt(clockS, target);
                else _timeline.Slew(clockS, 1 + Math.Max(-MaxSlew, Math.Min(MaxSlew, behind)));
            }
            _last = reading;
            return _timeline.At(clockS);
        }

        /// <summary>
        /// The instant of the audio clock, in samples of the stream's rate, at which a stretch that begins with
        /// <paramref name="startSample"/> is played. Where its time is past, the timeline moves so that it plays now.
        /// </summary>
        public long Place(ref Reading reading, long startSample)
        {
            var startS = startSample / (double)Wire.SampleRateHz;
            var dueS = _timeline.ClockAt(startS);
            var frame = (long)Math.Round(Math.Max(dueS, reading.RenderS + _marginS) * Wire.SampleRateHz);
            var playS = frame / (double)Wire.SampleRateHz;
            _extraS += Math.Max(0, playS - dueS);
            _timeline.MoveAt(playS, startS);
            return frame;
        }

        /// <summary>How late a sample would be, in seconds; negative when there is time left.</summary>
        public double Lateness(ref Reading reading, long startSample)
        {
            return reading.RenderS + _marginS - _timeline.ClockAt(startSample / (double)Wire.SampleRateHz);
        }

        void GoBy(ref Reading reading, double target)
        {
            if (!_hasBegun)
            {
                _timeline.Begin(reading.ClockS, target);
                _last = reading;
                _hasBegun = true;
            }
            else if (reading.HasAudio != _last.HasAudio || reading.AudioRun != _last.AudioRun)
            {
                // Another clock takes over without a step.
                _timeline.Begin(reading.ClockS, _timeline.At(_last.ClockS + reading.NowS - _last.NowS));
            }
        }
    }
}
