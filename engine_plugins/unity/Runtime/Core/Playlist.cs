using System;

namespace AvatarBridge.Core
{
    /// <summary>
    /// What was given to the audio output and where, both in samples of the stream's rate. It tells what is being heard,
    /// without asking the timeline. Allocates nothing after construction.
    /// </summary>
    public sealed class Playlist
    {
        struct Placed
        {
            public long Frame;
            public long Start;
            public long Count;

            public long EndFrame
            {
                get { return Frame + Count; }
            }

            public long EndSample
            {
                get { return Start + Count; }
            }
        }

        /// <summary>How long a stretch that was heard is remembered: longer than any output's latency.</summary>
        const double KeptS = 3;

        readonly Placed[] _placed = new Placed[256];
        int _count;

        /// <summary>One past the last sample placed, or -1.</summary>
        public long EndSample { get; private set; } = -1;

        /// <summary>One past the last instant of the audio clock that is taken, or -1.</summary>
        public long EndFrame { get; private set; } = -1;

        /// <summary>Samples from <paramref name="startSample"/> on are heard from instant <paramref name="frame"/> on.</summary>
        public void Add(long frame, long startSample, int count)
        {
            EndSample = Math.Max(EndSample, startSample + count);
            EndFrame = Math.Max(EndFrame, frame + count);
            if (_count > 0 && _placed[_count - 1].EndFrame == frame && _placed[_count - 1].EndSample == startSample)
            {
                _placed[_count - 1].Count += count;
                return;
            }
            if (_count == _placed.Length) Forget(1);
            _placed[_count++] = new Placed { Frame = frame, Start = startSample, Count = count };
        }

        /// <summary>The sample (with a fraction) heard at <paramref name="heardS"/> of the audio clock, or NaN in a silence.</summary>
        public double HeardAt(double heardS)
        {
            var frame = heardS * Wire.SampleRateHz;
            for (var i = _count - 1; i >= 0; i--)
                if (frame >= _placed[i].Frame && frame < _placed[i].EndFrame) return _placed[i].Start + frame - _placed[i].Frame;
            return double.NaN;
        }

        /// <summary>One past the last sample of what was heard to its end, or -1.</summary>
        public long FinishedAt(double heardS)
        {
            var finished = -1L;
            for (var i = 0; i < _count; i++)
                if (_placed[i].EndFrame <= heardS * Wire.SampleRateHz) finished = Math.Max(finished, _placed[i].EndSample);
            return finished;
        }

        /// <summary>Whether anything placed is still to be heard.</summary>
        public bool IsPlaying(double heardS)
        {
            return EndFrame > heardS * Wire.SampleRateHz;
        }

        /// <summary>The instant for a sample that came after later ones were placed: it goes where the last of those say.</summary>
        public long FrameFor(long sample)
        {
            var last = _placed[_count - 1];
            return last.Frame + sample - last.Start;
        }

        /// <summary>Whether these samples were all placed before.</summary>
        public bool Holds(long startSample, int count)
        {
            for (var i = 0; i < _count; i++)
                if (_placed[i].Start <= startSample && startSample + count <= _placed[i].EndSample) return true;
            return false;
        }

        /// <summary>Forget what was heard some seconds ago. The last is kept, so that its end is known.</summary>
        public void Prune(double heardS)
        {
            var limit = (heardS - KeptS) * Wire.SampleRateHz;
            var past = 0;
            while (past < _count - 1 && _placed[past].EndFrame <= limit) past++;
            Forget(past);
        }

        public void Clear()
        {
            _count = 0;
            EndSample = -1;
            EndFrame = -1;
        }

        void Forget(int first)
        {
            if (first == 0) return;
            Array.Copy(_placed, first, _placed, 0, _count - first);
            _count -= first;
        }
    }
}
