using System;
using System.Collections.Generic;
using System.Linq;
using AvatarBridge.Core;

namespace AvatarBridge.Tests
{
    static class AudioLaws
    {
        const int Rate = Wire.SampleRateHz;

        [Law]
        public static void AToneKeepsItsHeightItsLoudnessAndItsPlaceAtEachOutputRate()
        {
            foreach (var hz in new[] { 16000, 22050, 24000, 44100, 48000, 96000, 192000 })
                foreach (var tone in new[] { 100.0, 1000.0, 5000.0 })
                {
                    var output = Rendered(hz, n => 0.5 * Math.Sin(2 * Math.PI * tone * n / Rate), Rate / 2);
                    var error = 0.0;
                    for (var i = hz / 10; i < hz * 4 / 10; i++)
                        error = Math.Max(error, Math.Abs(output[i] - 0.5 * Math.Sin(2 * Math.PI * tone * i / hz)));
                    Check.True(error < 0.5 * 0.002, hz + " Hz, a tone of " + tone + ": error " + error);
                }
        }

        [Law]
        public static void WhatTheOutputCannotHoldDoesNotComeBackAsAnotherTone()
        {
            var output = Rendered(16000, n => 0.5 * Math.Sin(2 * Math.PI * 11000 * n / Rate), Rate / 2);
            Check.True(output.Skip(1600).Take(4800).Max(s => Math.Abs(s)) < 0.5 * 0.01, "11 kHz at an output of 16 kHz");
        }

        [Law]
        public static void WhereNothingWasPlacedIsSilence()
        {
            var speaker = Begun();
            Place(speaker, 4000, n => 0.5, 100);
            Place(speaker, 5000, n => 0.5, 100);
            var output = Render(speaker, 1, 8000);
            for (var i = 0; i < output.Count; i++)
            {
                var isSpeech = i >= 4000 && i < 4100 || i >= 5000 && i < 5100;
                Check.Near(isSpeech ? 0.5 : 0, output[i], 1e-4, "sample " + i);
            }
        }

        [Law]
        public static void AStopFadesWithinTenMillisecondsAndWhatIsPlacedAfterIsWhole()
        {
            var speaker = Begun();
            Place(speaker, 1000, n => 0.5, 20000);
            Render(speaker, 1, 2048);
            speaker.Silence();
            Place(speaker, 4000, n => 0.25, 1000);
            var output = Render(speaker, 2048, 6144).Skip(2048).ToList();
            for (var i = 1; i < 240; i++) Check.True(output[i] <= output[i - 1] && output[i - 1] - output[i] < 0.01, "a falling step " + i);
            Check.Near(0.5, output[0], 0.01, "it begins where it was");
            Check.True(output.Skip(260).Take(4000 - 2048 - 280).All(s => s == 0), "silence");
            Check.True(output.Skip(4000 - 2048).Take(1000).All(s => Math.Abs(s - 0.25) < 1e-4), "the new epoch's speech");
        }

        [Law]
        public static void WhatTheEngineHasPutIntoTheBufferRemainsAFactorOfAllChannels()
        {
            var speaker = Begun();
            Place(speaker, 600, n => 0.5, 2000);
            Render(speaker, 1, 1024);
            var data = Enumerable.Range(0, 1024).Select(i => i % 2 == 0 ? 1f : 0.25f).ToArray();
            speaker.Render(data, 2, 1024, 1024.0 / Rate);
            Check.Near(0.5, data[200], 1e-4, "left");
            Check.Near(0.125, data[201], 1e-4, "right");
        }

        [Law]
        public static void ABufferToldALittleOffFollowsTheLast()
        {
            var speaker = Begun();
            Place(speaker, 1000, n => 0.5, 2000);
            var run = speaker.Read(0).AudioRun;
            var output = new List<float>();
            for (var k = 0; k < 8; k++)
            {
                var data = Enumerable.Repeat(1f, 512).ToArray();
                speaker.Render(data, 1, 1 + 512 * k + k % 3 - 1, 512 * k / (double)Rate);
                output.AddRange(data);
            }
            Check.Equal(run, speaker.Read(0.16).AudioRun, "run");
            Check.True(output.Skip(999).Take(2000).All(s => Math.Abs(s - 0.5) < 1e-4), "no sample is lost or doubled");
        }

        [Law]
        public static void TheDspClockIsSteadyBetweenBuffersThatComeLateNow()
        {
            var random = new Random(3);
            var clock = new DspClock();
            const double bufferS = 1024 / 48000.0;
            var last = double.NegativeInfinity;
            for (var k = 0; k < 3000; k++)
            {
                var askedS = 50 + k * bufferS + 0.006 * random.NextDouble();
                clock.Observe(askedS, k * bufferS);
                for (var nowS = askedS; nowS < 50 + (k + 1) * bufferS; nowS += 0.002)
                {
                    var at = clock.At(nowS);
                    Check.True(at >= last, "it never goes back");
                    last = at;
                    if (k > 200) Check.Near(nowS - 50, at, 0.006, "it says what the device plays");
                }
            }
        }

        [Law]
        public static void TheDspClockFollowsADriftAndAHalt()
        {
            var clock = new DspClock();
            const double bufferS = 1024 / 48000.0;
            for (var k = 0; k < 100000; k++) clock.Observe(k * bufferS * 1.0002, k * bufferS);
            var nowS = 99999 * bufferS * 1.0002;
            Check.Near(99999 * bufferS, clock.At(nowS), 0.001, "200 ppm for half an hour");
            clock.Observe(nowS + 3, 100000 * bufferS);
            Check.Near(100000 * bufferS, clock.At(nowS + 3), 0.001, "three seconds of nothing");
        }

        [Law]
        public static void AnOutputThatBeginsAnewDropsWhatWaited()
        {
            var speaker = Begun();
            var run = speaker.Read(0).AudioRun;
            Place(speaker, 1000, n => 0.5, 2000);
            speaker.Configure(48000, 0);
            Check.True(!speaker.Read(0).HasAudio, "no output yet");
            var data = Enumerable.Repeat(1f, 4096).ToArray();
            speaker.Render(data, 1, 0, 0.1);
            Check.True(data.All(s => s == 0), "nothing is left");
            Check.True(speaker.Read(0.1).AudioRun > run, "another run");
        }

        /// <summary>What an output of <paramref name="hz"/> gives of a signal placed at the instants it is told, from its frame 0 on.</summary>
        static List<float> Rendered(int hz, Func<long, double> signal, int count)
        {
            var speaker = Begun(hz);
            Place(speaker, 100, n => signal(n + 100), count);
            return Render(speaker, 1, hz / 2);
        }

        /// <summary>A speaker whose output has asked for its frame 0.</summary>
        static Speaker Begun(int hz = Rate)
        {
            var speaker = new Speaker(hz, 0);
            speaker.Render(new float[1], 1, 0, 0);
            return speaker;
        }

        static void Place(Speaker speaker, long frame, Func<long, double> signal, int count)
        {
            var bytes = Messages.AudioMessage(0, count, n => (short)Math.Round(32767 * signal(n)));
            var message = Wire.Decode(bytes, bytes.Length, null);
            speaker.Place(ref message, 0, frame);
        }

        /// <summary>All frames up to <paramref name="end"/> by their numbers; those before <paramref name="from"/> are 0.</summary>
        static List<float> Render(Speaker speaker, int from, int end)
        {
            var output = new List<float>(new float[from]);
            while (output.Count < end)
            {
                var data = Enumerable.Repeat(1f, Math.Min(512, end - output.Count)).ToArray();
                speaker.Render(data, 1, output.Count, output.Count / (double)Rate);
                output.AddRange(data);
            }
            return output;
        }
    }
}
