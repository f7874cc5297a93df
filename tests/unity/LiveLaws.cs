using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Net;
using System.Text;
using System.Threading;
using AvatarBridge.Core;
using AvatarBridge.Sockets;

namespace AvatarBridge.Tests
{
    /// <summary>Against the bridge at AVATAR_BRIDGE_AT (host:port), which engine_plugins/unity/test starts.</summary>
    static class LiveLaws
    {
        const string Query = "/ws/stream?subject=live&rig=unity";
        const string Sentence = "Five quick wizards jump over the big box of plum jam.";
        const int PatienceS = 60;

        static readonly string _at = Environment.GetEnvironmentVariable("AVATAR_BRIDGE_AT");

        /// <summary>One connection and all that it received, with the time of each.</summary>
        sealed class Listener : IDisposable
        {
            public readonly List<KeyValuePair<double, byte[]>> Messages = new List<KeyValuePair<double, byte[]>>();
            readonly BridgeSocket _socket;
            readonly Stopwatch _watch;

            public Listener(string query, Stopwatch watch)
            {
                _watch = watch;
                _socket = new BridgeSocket(new Uri("ws://" + _at + query), "");
            }

            public void Send(string text)
            {
                _socket.Send(text);
            }

            public void Poll()
            {
                ReceivedMessage message;
                while (_socket.Poll(out message))
                {
                    Check.True(message.Kind != ReceivedKind.Closed, "the bridge stays: " + _socket.LastError);
                    if (message.Data == null) continue;
                    var bytes = message.Data.Take(message.Length).ToArray();
                    Messages.Add(new KeyValuePair<double, byte[]>(_watch.Elapsed.TotalSeconds, bytes));
                    _socket.Recycle(message);
                }
            }

            public void Dispose()
            {
                _socket.Dispose();
            }
        }

        /// <summary>What the JSON form says: the last frame of each index, and the speech.</summary>
        sealed class Truth
        {
            public Layout Layout;
            public readonly Dictionary<long, Dictionary<string, object>> Frames = new Dictionary<long, Dictionary<string, object>>();
            public readonly SortedDictionary<long, short> Samples = new SortedDictionary<long, short>();

            public Truth(Listener listener)
            {
                foreach (var message in listener.Messages) Take(Json.ParseObject(Encoding.UTF8.GetString(message.Value)));
            }

            void Take(Dictionary<string, object> fields)
            {
                if ((string)fields["type"] == "layout") Layout = Layout.From(fields);
                if ((string)fields["type"] == "frame") Frames[Convert.ToInt64(fields["index"])] = fields;
                if ((string)fields["type"] != "audio") return;
                var pcm = Convert.FromBase64String((string)fields["pcm16"]);
                var start = Convert.ToInt64(fields["start_sample"]);
                for (var i = 0; i < pcm.Length / 2; i++) Samples[start + i] = BitConverter.ToInt16(pcm, 2 * i);
            }
        }

        [Law]
        public static void EachFrameAndSampleOfASentenceIsThatOfTheJsonStream()
        {
            var watch = Stopwatch.StartNew();
            using (var binary = new Listener(Query, watch))
            using (var json = new Listener(Query + "&format=json", watch))
            {
                Until(() => binary.Messages.Count > 5 && json.Messages.Count > 5, binary, json);
                Post("/api/say", "{\"subject\":\"live\",\"text\":" + Json.Quote(Sentence) + "}");
                Until(() => Said(binary) && Said(json), binary, json);
                var truth = new Truth(json);
                CompareFrames(binary, truth);
                CompareSpeech(binary, truth);
                Replay(binary, truth);
            }
        }

        [Law]
        public static void WhatIsTunedComesBackAndChangesTheFrames()
        {
            using (var link = new ControlLink(new Uri("ws://" + _at + "/ws/control?subject=live&rig=unity"), ""))
            {
                Until(() => Polled(link).IsReady);
                const string path = "rig.curves.jawOpen.gain";
                var control = link.Desk.Control("rig.curves.*.gain");
                Check.True(control.Min < 0.5 && control.Max > 0.5, "the schema's range");
                Check.Near(1, link.Desk.Number(path), 0, "gain of the file");
                link.Set(path, 0.5);
                Until(() => Polled(link).Desk.Number(path) == 0.5 && link.Desk.CanUndo && link.Desk.IsUnsaved);
                link.Set(path, 1e6);
                Until(() => Polled(link).Desk.LastError.Contains(path));
                Check.Near(0.5, link.Desk.Number(path), 0, "what is refused changes nothing");
                link.Save();
                Until(() => !Polled(link).Desk.IsUnsaved);
                link.Undo();
                Until(() => Polled(link).Desk.Number(path) == 1 && link.Desk.CanRedo);
                link.Save();
                Check.Equal(0L, link.Desk.Malformed, "messages not understood");
            }
        }

        [Law]
        public static void SayingOverTheControlLinkIsHeardAndStopRaisesTheEpoch()
        {
            var watch = Stopwatch.StartNew();
            using (var stream = new Listener("/ws/stream?subject=second&rig=unity", watch))
            using (var link = new ControlLink(new Uri("ws://" + _at + "/ws/control?subject=second&rig=unity"), ""))
            {
                Until(() => Polled(link).IsReady && stream.Messages.Count > 0, stream);
                link.Say(Sentence + " " + Sentence);
                Until(() => Of(stream, MessageKind.Audio).Any(), stream);
                link.Stop();
                Until(() => Decoded(stream).Any(m => m.Epoch == 1 && m.Type == MessageKind.Frames), stream);
            }
        }

        [Law]
        public static void NobodyThereIsSaidAndTriedAgain()
        {
            using (var socket = new BridgeSocket(new Uri("ws://127.0.0.1:9/ws/stream"), ""))
            {
                Until(() => socket.LastError.Length > 0);
                Check.True(!socket.IsOpen, "not open");
            }
        }

        [Law]
        public static void WhyTheBridgeRefusesIsSaidAndTriedAgain()
        {
            using (var socket = new BridgeSocket(new Uri("ws://" + _at + "/ws/stream?rig=nosuchrig"), ""))
            {
                var closed = 0;
                Until(() =>
                {
                    ReceivedMessage message;
                    while (socket.Poll(out message)) closed += message.Kind == ReceivedKind.Closed ? 1 : 0;
                    return closed >= 2;
                });
                Check.True(socket.LastError.Contains("nosuchrig"), socket.LastError);
            }
        }

        [Law]
        public static void ABridgeThatFallsSilentIsGivenUpAndTriedAgain()
        {
            // The control socket says how things stand, and then nothing until something changes.
            using (var socket = new BridgeSocket(new Uri("ws://" + _at + "/ws/control?subject=quiet&rig=unity"), "", 300))
            {
                var opened = 0;
                Until(() =>
                {
                    ReceivedMessage message;
                    while (socket.Poll(out message)) opened += message.Kind == ReceivedKind.Opened ? 1 : 0;
                    return opened >= 2;
                });
            }
        }

        static void CompareFrames(Listener binary, Truth truth)
        {
            var layout = truth.Layout;
            var poses = new Dictionary<long, RigPose>();
            foreach (var message in Of(binary, MessageKind.Frames))
            {
                for (var i = 0; i < message.Count; i++)
                {
                    var copy = message;
                    Wire.ReadFrame(ref copy, i, layout, poses[message.Start + i] = new RigPose(layout));
                }
            }
            var both = poses.Keys.Where(truth.Frames.ContainsKey).ToList();
            Check.True(both.Count > 120, "frames to compare: " + both.Count);
            var step = (layout.CurveMax - layout.CurveMin) / Wire.CurveSteps;
            foreach (var index in both)
            {
                var wanted = truth.Frames[index];
                Check.Equal((double)(index * 1000000000L / 60), wanted["pts_ns"], "time of frame " + index);
                var curves = Vectors.Numbers(wanted["curves"]);
                for (var c = 0; c < curves.Length; c++)
                    Check.Near(curves[c], poses[index].Curves[c], 0.51 * step, layout.Curves[c] + " of frame " + index);
                var bones = (List<object>)wanted["bones_wxyz"];
                for (var b = 0; b < bones.Count; b++) Check.Near(0, Difference(Vectors.Numbers(bones[b]), poses[index].Bones[b]), 1e-4, layout.Bones[b]);
            }
        }

        /// <summary>The greatest difference of two quaternions' components, whichever sign the two have.</summary>
        static double Difference(double[] wxyz, Rotation r)
        {
            var sign = wxyz[0] * r.W + wxyz[1] * r.X + wxyz[2] * r.Y + wxyz[3] * r.Z < 0 ? -1 : 1;
            var got = new[] { r.W, r.X, r.Y, r.Z };
            return wxyz.Select((wanted, i) => Math.Abs(wanted - sign * got[i])).Max();
        }

        static void CompareSpeech(Listener binary, Truth truth)
        {
            var heard = new SortedDictionary<long, short>();
            foreach (var message in Of(binary, MessageKind.Audio))
            {
                var copy = message;
                for (var i = 0; i < message.Count; i++) heard[message.Start + i] = (short)Math.Round(Wire.Sample(ref copy, i) * 32767.0);
            }
            Check.True(heard.Count > 2 * Wire.SampleRateHz, "two seconds are said");
            Check.True(heard.SequenceEqual(truth.Samples), "the samples are those of the JSON stream");
        }

        /// <summary>
        /// What was received, with the times it arrived at, into a receiver whose loudspeaker runs in simulated time: each
        /// sample comes out, and each pose shown is the truth's for the time that is heard.
        /// </summary>
        static void Replay(Listener binary, Truth truth)
        {
            const int buffer = 512;
            const double bufferS = buffer / (double)Wire.SampleRateHz;
            var speaker = new Speaker(Wire.SampleRateHz, bufferS);
            var receiver = new Receiver(speaker);
            var pose = new RigPose(truth.Layout);
            var heard = new List<float>();
            var next = 0;
            var shown = 0;
            receiver.Connected();
            var begin = binary.Messages[0].Key;
            for (var tick = 0; tick < 100000 && (next < binary.Messages.Count || tick * bufferS < begin + 8); tick++)
            {
                var now = begin + tick * bufferS;
                var block = Enumerable.Repeat(1f, buffer).ToArray();
                speaker.Render(block, 1, (long)tick * buffer, now);
                heard.AddRange(block);
                for (; next < binary.Messages.Count && binary.Messages[next].Key <= now; next++)
                    receiver.Receive(binary.Messages[next].Value, binary.Messages[next].Value.Length, speaker.Read(now));
                if (receiver.Layout == null) continue;
                var reading = speaker.Read(now);
                receiver.Show(reading, pose);
                var sample = receiver.Playlist.HeardAt(reading.HeardS);
                if (double.IsNaN(sample)) continue;
                // Where a busy bridge is late, the newest frame is held for as long as its samples last.
                var isHeld = receiver.LeadS < 1e-9;
                Check.Near(sample / Wire.SampleRateHz, receiver.ShownS, isHeld ? 1.0 / Wire.Fps : 1e-4, "shown and heard");
                ExpectPose(truth, receiver.ShownS * Wire.Fps, pose);
                shown++;
            }
            Check.True(shown > 60, "callbacks with speech: " + shown);
            var got = heard.Select(s => (short)Math.Round(s * 32767)).Where(s => s != 0);
            Check.True(got.SequenceEqual(truth.Samples.Values.Where(s => s != 0)), "the loudspeaker gives each sample in its order");
            Check.Equal(0L, receiver.Counters.Malformed, "malformed");
        }

        static void ExpectPose(Truth truth, double position, RigPose pose)
        {
            var layout = truth.Layout;
            var index = (long)Math.Floor(position + 1e-9);
            if (!truth.Frames.ContainsKey(index) || !truth.Frames.ContainsKey(index + 1)) return;
            var from = Vectors.Numbers(truth.Frames[index]["curves"]);
            var to = Vectors.Numbers(truth.Frames[index + 1]["curves"]);
            var step = (layout.CurveMax - layout.CurveMin) / Wire.CurveSteps;
            for (var c = 0; c < from.Length; c++)
                Check.Near(from[c] + (to[c] - from[c]) * (position - index), pose.Curves[c], 0.52 * step, layout.Curves[c] + " at " + position);
        }

        static IEnumerable<Message> Decoded(Listener listener)
        {
            Layout layout = null;
            foreach (var received in listener.Messages)
            {
                var message = Wire.Decode(received.Value, received.Value.Length, layout);
                layout = message.Layout ?? layout;
                yield return message;
            }
        }

        static IEnumerable<Message> Of(Listener listener, MessageKind kind)
        {
            return Decoded(listener).Where(m => m.Type == kind);
        }

        /// <summary>Whether the sentence was sent whole, and a second of idleness after it.</summary>
        static bool Said(Listener listener)
        {
            var text = listener.Messages.FindIndex(m => Encoding.UTF8.GetString(m.Value).Contains("\"stopped\""));
            return text >= 0 && listener.Messages.Last().Key > listener.Messages[text].Key + 1;
        }

        static ControlLink Polled(ControlLink link)
        {
            link.Poll();
            return link;
        }

        static void Until(Func<bool> holds, params Listener[] listeners)
        {
            var watch = Stopwatch.StartNew();
            while (true)
            {
                foreach (var listener in listeners) listener.Poll();
                if (holds()) return;
                Check.True(watch.Elapsed.TotalSeconds < PatienceS, "the bridge answers in time");
                Thread.Sleep(10);
            }
        }

        static void Post(string path, string json)
        {
            var request = WebRequest.CreateHttp("http://" + _at + path);
            request.Method = "POST";
            request.ContentType = "application/json";
            using (var body = new StreamWriter(request.GetRequestStream())) body.Write(json);
            using (var answer = (HttpWebResponse)request.GetResponse()) Check.Equal(202, (int)answer.StatusCode, "status");
        }
    }
}
