using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using AvatarBridge.Core;

namespace AvatarBridge.Tests
{
    static class WireLaws
    {
        [Law]
        public static void GoodVectorsSayWhatTheyAreExpectedTo()
        {
            foreach (var vector in Vectors.Of("good"))
            {
                var bytes = Vectors.Bytes(vector);
                var expected = (Dictionary<string, object>)vector["expect"];
                var message = Wire.Decode(bytes, bytes.Length, Vectors.Layout);
                Check.Equal((double)message.Epoch, expected["epoch"], "epoch");
                Compare(message, expected, (string)vector["name"]);
            }
        }

        [Law]
        public static void UnknownTypesAreSkipped()
        {
            foreach (var bytes in new[] { Vectors.ToSkip, new byte[] { (byte)'A', (byte)'B', 1, 200, 0, 0, 0, 0, 1, 2, 3 } })
                Check.Equal(MessageKind.Unknown, Wire.Decode(bytes, bytes.Length, null).Type, "its type");
        }

        [Law]
        public static void BadVectorsThrowWireError()
        {
            foreach (var vector in Vectors.Of("bad"))
            {
                var bytes = Vectors.Bytes(vector);
                Check.Throws<WireError>(() => Wire.Decode(bytes, bytes.Length, Vectors.Layout), (string)vector["name"]);
            }
        }

        [Law]
        public static void FramesNeedALayout()
        {
            var bytes = Messages.FramesMessage(0, 1);
            Check.Throws<WireError>(() => Wire.Decode(bytes, bytes.Length, null), "frames without a layout");
        }

        [Law]
        public static void TheBufferMayBeLargerThanTheMessage()
        {
            var bytes = Messages.FramesMessage(77, 2).Concat(new byte[500]).ToArray();
            Check.Equal(77L, Wire.Decode(bytes, bytes.Length - 500, Messages.Layout).Start, "index");
            Check.Throws<WireError>(() => Wire.Decode(bytes, bytes.Length, Messages.Layout), "bytes past the end");
        }

        [Law]
        public static void WhateverTheBytesOnlyWireErrorIsThrown()
        {
            var random = new Random(1);
            var seeds = Vectors.Of("good").Concat(Vectors.Of("bad")).Select(Vectors.Bytes).ToList();
            for (var i = 0; i < 300000; i++)
            {
                var bytes = i % 3 == 0 ? Noise(random) : Damaged(seeds[random.Next(seeds.Count)], random);
                Survive(bytes, i % 7 == 0 ? null : Vectors.Layout);
            }
        }

        [Law]
        public static void WhateverTheTextJsonOnlyThrowsWireError()
        {
            var random = new Random(2);
            const string letters = "{}[]\",:\\u0Ee+-.1tfn \nrblsa/\uD83D";
            for (var i = 0; i < 300000; i++)
            {
                var text = new string(Enumerable.Range(0, random.Next(40)).Select(_ => letters[random.Next(letters.Length)]).ToArray());
                try { Json.Parse(text); } catch (WireError) { }
            }
            Check.Throws<WireError>(() => Json.Parse(new string('[', 1000000)), "a million brackets");
            Check.Throws<WireError>(() => Json.Parse("1e999"), "infinity");
            Check.Throws<WireError>(() => Json.Parse("NaN"), "NaN");
        }

        [Law]
        public static void JsonReadsWhatJsonSays()
        {
            var fields = Json.ParseObject("{\"a\":[1,-2.5e3,true,false,null],\"b\":\"\\u00fc\\n\\\"\\ud83d\\ude00\",\"c\":{}}");
            Check.True(((List<object>)fields["a"]).SequenceEqual(new object[] { 1.0, -2500.0, true, false, null }), "array");
            Check.Equal("ü\n\"\U0001F600", fields["b"], "string");
            foreach (var text in new[] { "Grüße \"A\\B\"", "line\nline\u0001", "\U0001F600", "" })
                Check.Equal(text, Json.Parse(Json.Quote(text)), "quoted and read");
        }

        static void Compare(Message message, Dictionary<string, object> expected, string name)
        {
            switch ((string)expected["type"])
            {
                case "layout":
                    Check.Equal((double)message.Layout.DueIndex, expected["due_index"], name);
                    Check.Equal(expected["primary"], message.Layout.Primary, name);
                    Check.True(message.Layout.Curves.SequenceEqual(Vectors.Names(expected["curves"])), name);
                    Check.True(message.Layout.Bones.SequenceEqual(Vectors.Names(expected["bones"])), name);
                    Check.Equal(BoneAxesNames.Of((string)expected["axes"]), message.Layout.Axes, name);
                    break;
                case "audio":
                    Check.Equal((double)message.Start, expected["start_sample"], name);
                    var samples = Enumerable.Range(0, message.Count).Select(i => Math.Round(Wire.Sample(ref message, i) * 32767.0));
                    Check.True(samples.SequenceEqual(Vectors.Numbers(expected["pcm16"])), name);
                    break;
                case "frames":
                    Check.Equal((double)message.Start, expected["first_index"], name);
                    CompareFrames(message, expected, name);
                    break;
                case "event":
                    Check.Equal(expected["name"], message.Event.Name, name);
                    foreach (var field in message.Event.Fields)
                        if (field.Key != "words") Check.Equal(expected[field.Key], field.Value, name);
                    Check.Equal(expected.Count - 3, message.Event.Fields.Count, name);
                    CompareWords(message.Event, expected, name);
                    break;
            }
        }

        static void CompareWords(BridgeEvent caption, Dictionary<string, object> expected, string name)
        {
            object told;
            var rows = expected.TryGetValue("words", out told) ? ((List<object>)told).Cast<List<object>>().ToList() : new List<List<object>>();
            var words = caption.Words();
            Check.Equal(rows.Count, words.Count, name);
            for (var i = 0; i < rows.Count; i++)
            {
                Check.Equal(rows[i][0], (double)words[i].StartSample, name);
                Check.Equal(rows[i][1], (double)words[i].EndSample, name);
                Check.Equal(rows[i][2], words[i].Text, name);
            }
            if (words.Count > 0) Check.Equal(expected["text"], string.Concat(words.Select(word => word.Text)), name);
        }

        static void CompareFrames(Message message, Dictionary<string, object> expected, string name)
        {
            var curves = (List<object>)expected["curves"];
            var bones = (List<object>)expected["bones_wxyz"];
            Check.Equal(curves.Count, message.Count, name);
            var pose = new RigPose(Vectors.Layout);
            for (var i = 0; i < message.Count; i++)
            {
                Wire.ReadFrame(ref message, i, Vectors.Layout, pose);
                var wanted = Vectors.Numbers(curves[i]);
                for (var c = 0; c < wanted.Length; c++) Check.Near(wanted[c], pose.Curves[c], 1e-6, name);
                for (var b = 0; b < pose.Bones.Length; b++)
                {
                    var wxyz = Vectors.Numbers(((List<object>)bones[i])[b]);
                    var got = pose.Bones[b];
                    Check.Near(wxyz[0], got.W, 2e-6, name);
                    Check.Near(wxyz[1], got.X, 2e-6, name);
                    Check.Near(wxyz[2], got.Y, 2e-6, name);
                    Check.Near(wxyz[3], got.Z, 2e-6, name);
                }
            }
        }

        static void Survive(byte[] bytes, Layout layout)
        {
            try
            {
                var message = Wire.Decode(bytes, bytes.Length, layout);
                if (message.Type == MessageKind.Audio)
                    for (var i = 0; i < message.Count; i++) Check.True(Math.Abs(Wire.Sample(ref message, i)) < 1.001, "a sample");
                if (message.Type != MessageKind.Frames) return;
                var pose = new RigPose(layout);
                for (var i = 0; i < message.Count; i++)
                {
                    Wire.ReadFrame(ref message, i, layout, pose);
                    foreach (var r in pose.Bones) Check.Near(1, r.X * r.X + r.Y * r.Y + r.Z * r.Z + r.W * r.W, 1e-6, "a rotation");
                }
            }
            catch (WireError) { }
        }

        static byte[] Noise(Random random)
        {
            var bytes = new byte[random.Next(64)];
            random.NextBytes(bytes);
            if (random.Next(2) == 0 && bytes.Length > 4)
            {
                bytes[0] = (byte)'A';
                bytes[1] = (byte)'B';
                bytes[2] = 1;
                bytes[3] = (byte)random.Next(6);
            }
            return bytes;
        }

        static byte[] Damaged(byte[] bytes, Random random)
        {
            var damaged = (byte[])bytes.Clone();
            for (var hit = random.Next(4); hit > 0 && damaged.Length > 0; hit--) damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            if (random.Next(3) == 0) Array.Resize(ref damaged, random.Next(damaged.Length + 20));
            return damaged;
        }
    }
}
