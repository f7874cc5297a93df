using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

namespace AvatarBridge.Tests
{
    /// <summary>How far what is shown and what is heard stand apart, under what a network and clocks do to them.</summary>
    static class SyncLaws
    {
        const double FrameMs = 1000 / 60.0;

        static readonly Conditions[] _all =
        {
            new Conditions { Name = "no delay" },
            new Conditions { Name = "100 ms delay", DelayS = 0.1 },
            new Conditions { Name = "30 ms jitter", DelayS = 0.05, JitterS = 0.03 },
            new Conditions { Name = "2 % loss, sent again after 200 ms", DelayS = 0.02, Loss = 0.02 },
            new Conditions { Name = "2 % of messages never arrive", DelayS = 0.02, Loss = 0.02, RetransmitS = 0 },
            new Conditions { Name = "reordering (30 ms jitter, no order)", DelayS = 0.05, JitterS = 0.03, InOrder = false },
            new Conditions { Name = "1 s stall each half minute", DelayS = 0.02, StallS = 1 },
            new Conditions { Name = "wireless headphones, 250 ms", ExtraLatencyS = 0.25 },
            new Conditions { Name = "100 ms delay, 30 ms jitter, 2 % loss, stalls", DelayS = 0.1, JitterS = 0.03, Loss = 0.02, StallS = 1 },
        };

        static readonly Conditions[] _hours =
        {
            new Conditions { Name = "an hour of talk, device +100 ppm, bridge -50 ppm", Minutes = 60, DevicePpm = 100, BridgePpm = -50, OutputHz = 24000 },
            new Conditions { Name = "an hour without a pause, device -100 ppm", Minutes = 60, DevicePpm = -100, SpeaksWithoutPause = true, OutputHz = 24000 },
        };

        [Law]
        public static void ShownAndHeardStandWithinAFrameUnderEachCondition()
        {
            foreach (var conditions in _all) Expect(conditions);
        }

        [Law]
        public static void AnHourBringsNoDrift()
        {
            foreach (var conditions in _hours)
            {
                var run = Expect(conditions);
                var tenth = run.SettledMs.Count / 10;
                var first = Check.Quantile(run.SettledMs.Take(tenth).ToList(), 0.5);
                var last = Check.Quantile(run.SettledMs.Skip(9 * tenth).ToList(), 0.5);
                Check.Near(first, last, 1, conditions.Name + ": the last tenth against the first, in ms");
            }
        }

        [Law]
        public static void SpeechIsInTimeForHeadphonesThatAreKnownToBeLate()
        {
            var run = Done(new Conditions { Name = "wireless", ExtraLatencyS = 0.25 });
            Check.True(run.Receiver.Counters.Late <= 2, "late starts: " + run.Receiver.Counters.Late);
        }

        [Law]
        public static void WhatIsMeasuredIsWhatIsSeenAndHeard()
        {
            var right = Done(new Conditions { Minutes = 0.5 });
            var wrong = Done(new Conditions { Minutes = 0.5, MistakenLatencyS = 0.04 });
            var difference = Check.Quantile(right.ErrorsMs, 0.5) - Check.Quantile(wrong.ErrorsMs, 0.5);
            Check.Near(40, difference, 1, "a latency mistaken by 40 ms shows as 40 ms");
            Check.Equal(0, right.Misfits, "the face of silence during speech");
        }

        /// <summary>The table of docs/measured.md.</summary>
        public static string Figures()
        {
            var table = new StringBuilder();
            foreach (var conditions in _all.Concat(_hours))
            {
                var run = Done(conditions);
                var all = run.ErrorsMs.Select(Math.Abs).ToList();
                var settled = run.SettledMs.Select(Math.Abs).ToList();
                table.AppendFormat(CultureInfo.InvariantCulture, "| {0} | {1} | {2:0.0} | {3:0.0} | {4:0.0} | {5} | {6} |\n",
                    conditions.Name, all.Count, Check.Quantile(run.ErrorsMs, 0.5), Check.Quantile(all, 0.99),
                    Check.Quantile(settled, 0.99), run.Receiver.Counters.Late, run.Misfits);
            }
            return table.ToString();
        }

        static Simulation Expect(Conditions conditions)
        {
            var run = Done(conditions);
            Check.True(run.SettledMs.Count > 1000, conditions.Name + ": enough is heard");
            var settled = run.SettledMs.Select(Math.Abs).ToList();
            var p99 = Check.Quantile(settled, 0.99);
            Check.True(p99 < FrameMs, conditions.Name + ": p99 is " + p99 + " ms");
            return run;
        }

        static Simulation Done(Conditions conditions)
        {
            var run = new Simulation(conditions);
            run.Run();
            return run;
        }
    }
}
