using System;

namespace AvatarBridge.Core
{
    /// <summary>
    /// Received frames by index, in a ring of fixed size. For one index the last frame received wins; what was never
    /// shown is overwritten. Nothing is allocated after construction.
    /// </summary>
    public sealed class FrameBuffer
    {
        /// <summary>More than four seconds: the bridge leads by one at most, and a late listener may lag by another.</summary>
        const int Capacity = 256;
        /// <summary>One message's frames may be missing; the motion goes straight on across them.</summary>
        const int WidestGap = 17;
        const long Empty = -1;

        readonly Layout _layout;
        readonly long[] _indices = new long[Capacity];
        readonly RigPose[] _poses = new RigPose[Capacity];

        public FrameBuffer(Layout layout)
        {
            _layout = layout;
            for (var slot = 0; slot < Capacity; slot++) _poses[slot] = new RigPose(layout);
            Clear();
        }

        /// <summary>The highest index received, or -1.</summary>
        public long NewestIndex { get; private set; }

        /// <summary>Whether the last Sample had to hold the newest frame for want of more.</summary>
        public bool IsHeld { get; private set; }

        public void Put(ref Message message)
        {
            for (var i = 0; i < message.Count; i++)
            {
                var index = message.Start + i;
                var slot = (int)(index % Capacity);
                if (index < _indices[slot]) continue;
                Wire.ReadFrame(ref message, i, _layout, _poses[slot]);
                _indices[slot] = index;
                NewestIndex = Math.Max(NewestIndex, index);
            }
        }

        /// <summary>Forget all frames: a new epoch has begun.</summary>
        public void Clear()
        {
            for (var slot = 0; slot < Capacity; slot++) _indices[slot] = Empty;
            NewestIndex = Empty;
        }

        /// <summary>
        /// The motion at <paramref name="timeS"/> into <paramref name="pose"/>: between two frames interpolated, past the last one
        /// held. Returns the time that it shows; NaN, and the pose as it is, where nothing is due yet.
        /// </summary>
        public double Sample(double timeS, RigPose pose)
        {
            IsHeld = false;
            if (double.IsNaN(timeS)) return double.NaN;
            var position = timeS * Wire.Fps;
            var index = LastDue((long)Math.Floor(position));
            if (index == Empty) return double.NaN;
            var from = _poses[index % Capacity];
            var next = NextAfter(index);
            if (next == Empty)
            {
                pose.Copy(from);
                IsHeld = position - index > 1;
                return index / (double)Wire.Fps;
            }
            pose.Blend(from, _poses[next % Capacity], (position - index) / (next - index));
            return position / Wire.Fps;
        }

        bool Has(long index)
        {
            return _indices[index % Capacity] == index;
        }

        /// <summary>The frame after <paramref name="index"/>, or the one past a gap where a message is missing.</summary>
        long NextAfter(long index)
        {
            var end = Math.Min(NewestIndex, index + WidestGap);
            for (var next = index + 1; next <= end; next++)
                if (Has(next)) return next;
            return Empty;
        }

        long LastDue(long due)
        {
            var start = Math.Min(due, NewestIndex);
            for (var index = start; index >= 0 && index > start - Capacity; index--)
                if (Has(index)) return index;
            return Empty;
        }
    }
}
