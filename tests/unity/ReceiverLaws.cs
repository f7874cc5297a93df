using System;
using System.Collections.Generic;
using System.Linq;
using AvatarBridge.Core;

namespace AvatarBridge.Tests
{
    static class ReceiverLaws
    {
        const double Close = 1e-4;

        [Law]
        public static void BeforeSoundFrameKIsShownAtArrivalPlusItsLeadPlusTheBuffer()
        {
            var world = new World(600);
            Check.Near(10.002, world.Pass(0.102).Last().ShownS, 1e-9, "after 102 ms");
            Check.Near(10.502, world.Pass(0.5).Last().ShownS, 1e-9, "after 602 ms");
        }

        [Law]
        public static void SpeechThatNobodyCouldHearIsNotKept()
        {
            var world = new World(600);
            world.Say(600 * 400, 2400);
            world.Pass(3);
            world.StartAudio();
            world.Pass(0.5);
            Check.True(world.Heard.All(s => s == 0), "the loudspeaker is silent");
        }

        [Law]
        public static void SpeechIsLaidEndToEndWhateverThePieces()
        {
            var world = Begun();
            var start = 650 * 400L;
            var at = start;
            foreach (var count in new[] { 400, 1, 1999, 800, 4000 })
            {
                world.Say(at, count);
                at += count;
            }
            world.Pass(1.5);
            ExpectWhole(world, start, at);
        }

        [Law]
        public static void SpeechThatOvertookOtherSpeechLeavesItsPlace()
        {
            var world = Begun();
            var start = 650 * 400L;
            foreach (var piece in new[] { 0, 2, 1, 4, 3 }) world.Say(start + 1200 * piece, 1200);
            world.Say(start + 1200, 1200);
            world.Pass(1.5);
            ExpectWhole(world, start, start + 6000);
        }

        [Law]
        public static void SpeechIsShownAsItIsHeard()
        {
            var world = Begun();
            world.Say(650 * 400, 24000);
            ExpectTogether(world.Pass(2), 50);
        }

        [Law]
        public static void PictureAndSoundStayTogetherWhenTheAudioClockRunsFaster()
        {
            var world = new World(600) { AudioRate = 1.002 };
            world.StartAudio();
            world.Pass(0.5);
            world.Say(650 * 400, 24000 * 4);
            ExpectTogether(world.Pass(5), 200);
        }

        [Law]
        public static void ALatencySetWhileItPlaysMovesThePictureAndNotTheSound()
        {
            var world = Begun();
            world.Say(650 * 400, 24000);
            var before = world.Pass(0.8).Last().ShownS;
            world.Mistake(World.LatencyS + 0.05);
            Check.Near(before - 0.05, world.Show().ShownS, Close, "what is heard is that much older");
            ExpectTogether(world.Pass(1.5), 20);
            ExpectWhole(world, 650 * 400, 650 * 400 + 24000);
        }

        [Law]
        public static void LateSpeechIsPlayedWholeAndTheFaceWaits()
        {
            var world = new World(600);
            world.StartAudio();
            world.Pass(1);
            world.Say(630 * 400, 12000);
            var seen = world.Pass(1.5).Where(s => !double.IsNaN(s.HeardS)).ToList();
            ExpectWhole(world, 630 * 400, 630 * 400 + 12000);
            Check.Near(10.5, seen[0].HeardS, 0.02, "begins with its beginning");
            ExpectTogether(seen, 25);
            Check.Equal(1L, world.Receiver.Counters.Late, "late");
        }

        [Law]
        public static void SpeechThatBreaksOffGoesOnWhereItStopped()
        {
            var world = Begun();
            world.Say(650 * 400, 4800);
            world.Pass(1);
            world.Say(650 * 400 + 4800, 4800);
            ExpectTogether(world.Pass(1), 10);
            ExpectWhole(world, 650 * 400, 650 * 400 + 9600, false);
        }

        [Law]
        public static void SoundThatStopsIsNotGoneOnWithLater()
        {
            var world = Begun();
            world.Say(650 * 400, 48000);
            world.Pass(0.8);
            world.HasAudio = false;
            world.Pass(3);
            world.StartAudio();
            world.Heard.Clear();
            world.Pass(0.3);
            Check.True(world.Heard.All(s => s == 0), "what waited is of the past");
            world.Say((long)Math.Floor(world.DueS * 60 + 20) * 400, 12000);
            ExpectTogether(world.Pass(1), 20);
        }

        [Law]
        public static void SpeechThatClaimsToLieFarAheadIsNoSpeech()
        {
            foreach (var hasSound in new[] { true, false })
            {
                var world = new World(600);
                if (hasSound) world.StartAudio();
                world.Pass(0.3);
                world.Say(1L << 50, 400);
                Check.Equal(1L, world.Receiver.Counters.Malformed, "counted");
                if (!hasSound) world.StartAudio();
                world.Pass(0.2);
                world.Say(650 * 400, 4000);
                ExpectTogether(world.Pass(1), 8);
                ExpectWhole(world, 650 * 400, 650 * 400 + 4000);
            }
        }

        [Law]
        public static void SpeechBegunBeforeSoundRanIsTakenUpInItsMiddle()
        {
            var world = new World(600);
            world.Pass(0.3);
            world.Say(615 * 400, 24000);
            world.Pass(0.5);
            world.StartAudio();
            ExpectTogether(world.Pass(0.6), 20);
            Check.True(world.Heard.Count(s => s != 0) < 2 * 24000 * 0.75, "the beginning is not played");
        }

        [Law]
        public static void ANewEpochSilencesKeepsThePictureAndDropsTheOld()
        {
            var world = Begun();
            world.Say(650 * 400, 24000);
            var shown = world.Pass(0.7).Last().ShownS;
            var before = world.Pose.Curves[0];
            world.Stop();
            Check.Equal(-1L, world.Receiver.Playlist.EndSample, "nothing is placed");
            Check.Near(shown, world.Show().ShownS, 1e-9, "the picture stays");
            Check.Equal(before, world.Pose.Curves[0], "the pose stays");
            world.NowS += 0.05;
            world.Show();
            Check.Equal(before, world.Pose.Curves[0], "the pose stays until a frame of the new epoch is due");
            var stale = world.Receiver.Counters.Stale;
            world.Give(Messages.AudioMessage(700 * 400, 400, World.Count, 0));
            world.Give(Messages.FramesMessage(650, 3, 0));
            Check.Equal(stale + 2, world.Receiver.Counters.Stale, "stale");
            var rendered = world.Heard.Count;
            Check.Near(shown + 0.5, world.Pass(0.5).Last().ShownS, 0.05, "time goes on");
            Check.True(world.Heard.Skip(rendered + 2 * 500).All(s => s == 0), "silent within 10 ms of the next buffer");
        }

        [Law]
        public static void AnEpochDoesNotRestartTheTimeline()
        {
            var world = new World(600);
            world.Pass(1);
            world.Stop();
            Check.Near(11.1, world.Pass(0.2).Last().ShownS, 1e-6, "shown");
        }

        [Law]
        public static void WhatWasHeardIsReportedNeverAheadAndOnceAtItsEnd()
        {
            var world = Begun();
            world.Say(650 * 400, 12000);
            world.Pass(2);
            var samples = world.Played.Select(p => p.Value).ToList();
            Check.True(samples.Count > 4, "several reports");
            Check.True(samples.Zip(samples.Skip(1), (a, b) => a < b).All(x => x), "reports rise");
            Check.Equal(650 * 400 + 12000L, samples.Last(), "the end");
        }

        [Law]
        public static void WhatAStopCutIsReportedForTheOldEpoch()
        {
            var world = Begun();
            world.Say(650 * 400, 24000);
            world.Pass(0.87);
            var heardS = world.Show().HeardS;
            world.Stop();
            Check.Equal(0L, world.Played.Last().Key, "epoch");
            Check.Near(heardS * 24000, world.Played.Last().Value, 1, "sample");
        }

        [Law]
        public static void ABridgeWhoseClockIs100PpmOffIsFollowedForSixHours()
        {
            var world = new World(600) { BridgeRate = 1.0001 };
            world.Pass(6 * 3600, 10);
            Check.Near(world.DueS - 0.1, world.Receiver.ShownS, 0.05, "shown");
            Check.Equal(0L, world.Receiver.Counters.Underruns, "underruns");
        }

        [Law]
        public static void ATunedRigsLayoutDoesNotInterruptTheMotion()
        {
            var world = new World(600);
            world.Pass(0.5);
            world.Give(Messages.LayoutMessage(630));
            Check.Near(10.6, world.Pass(0.2).Last().ShownS, 1e-6, "shown");
            Check.Equal(0L, world.Receiver.Counters.Underruns, "underruns");
        }

        [Law]
        public static void ADelayThatLateSpeechForcedIsGivenBack()
        {
            var world = new World(600);
            world.StartAudio();
            world.Pass(1);
            world.Say(640 * 400, 4800);
            world.Pass(0.5);
            Check.True(world.DueS - World.LagS - world.Show().ShownS > 0.2, "the face waits");
            world.Pass(120);
            Check.Near(0, world.DueS - World.LagS - world.Show().ShownS, 0.03, "lag");
        }

        [Law]
        public static void AnEngineThatSleptShowsThePresentWhenItWakes()
        {
            var world = new World(600);
            world.Pass(1);
            world.Sleep(20);
            Check.Near(world.DueS - 0.1, world.Show().ShownS, 1e-6, "shown");
        }

        [Law]
        public static void ALayoutThatSaysAnotherTimeIsFollowedAtOnce()
        {
            var world = Begun();
            world.Give(Messages.LayoutMessage(1200));
            world.Give(Messages.FramesMessage(1190, 16));
            Check.Near(20 - World.LagS, world.Show().ShownS, 1e-6, "shown");
        }

        [Law]
        public static void AnotherConnectionBeginsAnewAndKeepsThePicture()
        {
            var world = Begun();
            world.Say(650 * 400, 24000);
            world.Pass(0.7);
            var before = world.Pose.Curves[0];
            world.Receiver.Connected();
            world.Show();
            Check.Equal(before, world.Pose.Curves[0], "the pose stays");
            world.Give(Messages.LayoutMessage(30));
            world.Give(Messages.FramesMessage(20, 16));
            world.Receiver.Show(world.Reading, world.Pose);
            Check.Near(30 / 60.0 - World.LagS, world.Receiver.ShownS, 1e-6, "another bridge's timeline is taken up");
        }

        [Law]
        public static void MessagesThatBreakTheFormatAreCountedAndChangeNothing()
        {
            var world = new World(600);
            var good = Messages.FramesMessage(650, 3);
            for (var cut = 0; cut < good.Length; cut++) world.Receiver.Receive(good, cut, world.Reading);
            Check.Equal((long)good.Length, world.Receiver.Counters.Malformed, "malformed");
            Check.True(world.Receiver.LastFault.Length > 10, "what was wrong");
            world.Pass(0.5);
            Check.Equal(0L, world.Receiver.Counters.Underruns, "underruns");
        }

        [Law]
        public static void ReceivingAndShowingAllocateNothing()
        {
            var world = Begun();
            var speech = Messages.AudioMessage(650 * 400, 24, World.Count);
            var frames = Messages.FramesMessage(650, 16);
            var reading = world.Reading;
            var before = GC.GetTotalMemory(true);
            var collections = GC.CollectionCount(0);
            for (var i = 0; i < 200000; i++)
            {
                reading.NowS += 0.001;
                reading.HeardS += 0.001;
                reading.RenderS += 0.001;
                Message.Step(frames, speech, i);
                world.Receiver.Receive(frames, frames.Length, reading);
                world.Receiver.Receive(speech, speech.Length, reading);
                world.Receiver.Show(reading, world.Pose);
            }
            Check.Equal(collections, GC.CollectionCount(0), "collections, which garbage would have called for");
            Check.True(GC.GetTotalMemory(false) - before < 1 << 16, "memory does not grow: " + (GC.GetTotalMemory(false) - before));
        }

        /// <summary>Writes the places of the next messages into their bytes.</summary>
        static class Message
        {
            public static void Step(byte[] frames, byte[] speech, int i)
            {
                var index = 650 + i / 16;
                Write(frames, 8, (ulong)index, 4);
                Write(frames, 16, (ulong)index * 1000000000UL / 60, 8);
                Write(speech, 8, (ulong)(650 * 400 + 24 * i), 8);
            }

            static void Write(byte[] bytes, int at, ulong value, int length)
            {
                for (var b = 0; b < length; b++) bytes[at + b] = (byte)(value >> 8 * b);
            }
        }

        static World Begun()
        {
            var world = new World(600);
            world.StartAudio();
            world.Pass(0.5);
            return world;
        }

        static void ExpectTogether(IEnumerable<Seen> seen, int atLeast)
        {
            var heard = seen.Where(s => !double.IsNaN(s.HeardS)).ToList();
            Check.True(heard.Count > atLeast, "enough is heard: " + heard.Count);
            foreach (var s in heard) Check.Near(s.HeardS, s.ShownS, Close, "shown and heard");
        }

        /// <summary>The loudspeaker got these samples and no others: at twice their rate, every other value is one of them.</summary>
        static void ExpectWhole(World world, long start, long end, bool isGapless = true)
        {
            var even = world.Heard.Where((_, i) => i % 2 == 0).Select(s => (short)Math.Round(s * 32767)).ToList();
            var got = even.Where(s => s != 0).ToList();
            Check.Equal((int)(end - start), got.Count, "samples heard");
            for (var i = 0; i < got.Count; i++) Check.Equal(World.Count(start + i), got[i], "sample " + i);
            var span = even.FindLastIndex(s => s != 0) - even.FindIndex(s => s != 0) + 1;
            if (isGapless) Check.Equal(got.Count, span, "samples without a gap");
        }
    }
}
