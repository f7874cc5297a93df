using System;
using AvatarBridge.Core;

namespace AvatarBridge.Tests
{
    static class FrameBufferLaws
    {
        [Law]
        public static void TheLastFrameReceivedOfAnIndexWins()
        {
            var buffer = With(10, 4);
            Put(buffer, Messages.FramesMessage(12, 2, 0, 200));
            Check.Near(200, At(buffer, 12).Curves[1], 1e-3, "frame 12");
            Check.Near(0, At(buffer, 11).Curves[1], 1e-3, "frame 11");
        }

        [Law]
        public static void FramesSentAgainDoNotShortenWhatIsThere()
        {
            var buffer = With(10, 8);
            Put(buffer, Messages.FramesMessage(11, 2, 0, 200));
            Check.Equal(17L, buffer.NewestIndex, "newest");
            Check.Near(16.5, At(buffer, 16.5).Curves[0], 1e-3, "a frame behind them");
        }

        [Law]
        public static void BetweenTwoFramesLiesTheirMixAndPastTheLastItIsHeld()
        {
            var buffer = With(10, 4);
            Check.Near(11.25, At(buffer, 11.25).Curves[0], 1e-5, "between");
            Check.True(!buffer.IsHeld, "not held");
            Check.Near(13, At(buffer, 20).Curves[0], 0, "past the end");
            Check.True(buffer.IsHeld, "held");
            Check.Near(13 / 60.0, buffer.Sample(20 / 60.0, new RigPose(Messages.Layout)), 1e-12, "the time it says");
        }

        [Law]
        public static void AMissingMessageIsCrossedInAStraightLine()
        {
            var buffer = With(10, 2);
            Put(buffer, Messages.FramesMessage(20, 2));
            Check.Near(15.5, At(buffer, 15.5).Curves[0], 1e-5, "in the gap");
        }

        [Law]
        public static void WhereNothingIsDueThePoseStays()
        {
            var buffer = With(10, 2);
            var pose = new RigPose(Messages.Layout);
            pose.Curves[0] = 77;
            Check.True(double.IsNaN(buffer.Sample(9 / 60.0, pose)), "nothing is due");
            Check.True(double.IsNaN(buffer.Sample(double.NaN, pose)), "no time is known");
            buffer.Clear();
            Check.True(double.IsNaN(buffer.Sample(1, pose)), "all was dropped");
            Check.Equal(77f, pose.Curves[0], "the pose");
        }

        [Law]
        public static void TheRingTurnsAndOldFramesDoNotComeBack()
        {
            var buffer = With(0, 16);
            for (var index = 16; index < 2000; index += 16) Put(buffer, Messages.FramesMessage(index, 16));
            Put(buffer, Messages.FramesMessage(1000, 16, 0, 9));
            Check.Near(1990 % 256, At(buffer, 1990).Curves[0], 0, "a new frame");
            for (var index = 1800; index < 2000; index++) Check.Equal(0f, At(buffer, index).Curves[1], "frame " + index);
        }

        [Law]
        public static void TheLatestIndexThereIsCanBeShown()
        {
            var buffer = With(uint.MaxValue - 15, 16);
            Check.Near(uint.MaxValue % 256, At(buffer, uint.MaxValue).Curves[0], 1e-3, "frame 2^32 - 1");
        }

        static FrameBuffer With(long first, int count)
        {
            var buffer = new FrameBuffer(Messages.Layout);
            Put(buffer, Messages.FramesMessage(first, count));
            return buffer;
        }

        static void Put(FrameBuffer buffer, byte[] bytes)
        {
            var message = Wire.Decode(bytes, bytes.Length, Messages.Layout);
            buffer.Put(ref message);
        }

        static RigPose At(FrameBuffer buffer, double index)
        {
            var pose = new RigPose(Messages.Layout);
            buffer.Sample((index + 1e-7) / 60, pose);
            return pose;
        }
    }
}
