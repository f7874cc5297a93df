using System;

namespace AvatarBridge.Core
{
    /// <summary>
    /// Samples by their place on the audio clock, at the stream's rate; where nothing was placed is silence. Not
    /// thread-safe: its owner locks. Nothing is allocated after construction.
    /// </summary>
    public sealed class AudioQueue
    {
        /// <summary>The bridge leads by a second at most and a late listener may lag by another; this is over five.</summary>
        const int Capacity = 1 << 17;
        /// <summary>What interpolation looks back at.</summary>
        const int Kept = 64;

        readonly float[] _samples = new float[Capacity];
        long _cleared;

        /// <summary>One past the last instant that has anything.</summary>
        public long End { get; private set; }

        /// <summary>Samples that came too late or too early to have a place.</summary>
        public long Lost { get; private set; }

        /// <summary>Place the samples of a message from <paramref name="first"/> on, the first of them at instant <paramref name="frame"/>.</summary>
        public void Write(ref Message audio, int first, long frame)
        {
            for (var i = first; i < audio.Count; i++, frame++)
            {
                if (frame < _cleared + Kept || frame >= _cleared + Capacity)
                {
                    Lost++;
                    continue;
                }
                _samples[frame & (Capacity - 1)] = Wire.Sample(ref audio, i);
                End = Math.Max(End, frame + 1);
            }
        }

        /// <summary>The sample at instant <paramref name="frame"/>.</summary>
        public float At(long frame)
        {
            return frame < _cleared || frame >= End ? 0 : _samples[frame & (Capacity - 1)];
        }

        /// <summary>All before <paramref name="frame"/> was rendered; its room is free.</summary>
        public void Release(long frame)
        {
            var keep = frame - Kept;
            for (var at = Math.Max(_cleared, keep - Capacity); at < keep; at++) _samples[at & (Capacity - 1)] = 0;
            _cleared = Math.Max(_cleared, keep);
        }

        /// <summary>From instant <paramref name="frame"/> on fade to silence, over <paramref name="length"/> samples.</summary>
        public void Fade(long frame, int length)
        {
            for (var at = Math.Max(frame, _cleared); at < End; at++)
            {
                var share = Math.Max(0f, 1 - (at - frame + 1) / (float)length);
                _samples[at & (Capacity - 1)] *= share;
            }
            End = Math.Min(End, Math.Max(frame + length, _cleared));
        }

        /// <summary>The audio clock begins anew at <paramref name="frame"/>.</summary>
        public void Restart(long frame)
        {
            Array.Clear(_samples, 0, Capacity);
            _cleared = frame - Kept;
            End = _cleared;
        }
    }
}
