using System;
using System.Collections.Generic;
using System.Linq;
using AvatarBridge.Core;

namespace AvatarBridge.Tests
{
    /// <summary>The golden packets of the protocols that are not ours, read by second readers.</summary>
    static class ProtocolLaws
    {
        static readonly string[] _shapes = Vectors.Names(Vectors.Load("ifacialmocap")["names"]);

        static readonly Dictionary<string, Func<byte[], object>> _readers = new Dictionary<string, Func<byte[], object>>
        {
            { "livelink", Protocols.LiveLink },
            { "ifacialmocap", data => Protocols.FacialMocap(data, _shapes) },
            { "vmc", Protocols.Vmc },
            { "vrchat", Protocols.VrChat },
        };

        [Law]
        public static void GoldenPacketsMeanWhatIsWritten()
        {
            var read = 0;
            foreach (var protocol in _readers)
                foreach (var row in Vectors.Rows(Vectors.Load(protocol.Key), "good"))
                {
                    Compare(row["expect"], protocol.Value(Vectors.Bytes(row)), protocol.Key + ", " + row["name"]);
                    read++;
                }
            Check.True(read >= 25, "packets: " + read);
        }

        [Law]
        public static void BrokenPacketsAreRefused()
        {
            foreach (var protocol in _readers)
                foreach (var row in Vectors.Rows(Vectors.Load(protocol.Key), "bad"))
                    Check.Throws<WireError>(() => protocol.Value(Vectors.Bytes(row)), protocol.Key + ", " + row["name"]);
        }

        [Law]
        public static void VTubeStudiosRequestsMeanWhatIsWritten()
        {
            var file = Vectors.Load("vtube_studio");
            foreach (var row in Vectors.Rows(file, "good"))
                Compare(row["expect"], Protocols.VTubeStudio((string)row["text"]), (string)row["name"]);
            foreach (var row in Vectors.Rows(file, "bad"))
                Check.Throws<WireError>(() => Protocols.VTubeStudio((string)row["text"]), (string)row["name"]);
        }

        [Law]
        public static void WhateverTheBytesOnlyWireErrorIsThrown()
        {
            var random = new Random(3);
            foreach (var protocol in _readers)
            {
                var seeds = Vectors.Rows(Vectors.Load(protocol.Key), "good").Select(Vectors.Bytes).ToList();
                for (var i = 0; i < 20000; i++)
                {
                    var bytes = (byte[])seeds[random.Next(seeds.Count)].Clone();
                    for (var hit = random.Next(6); hit > 0; hit--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                    if (random.Next(3) == 0) Array.Resize(ref bytes, random.Next(bytes.Length + 20));
                    try { protocol.Value(bytes); } catch (WireError) { }
                }
            }
        }

        /// <summary>Numbers to seven digits, all else exactly.</summary>
        static void Compare(object wanted, object got, string path)
        {
            var fields = wanted as Dictionary<string, object>;
            var items = wanted as List<object>;
            if (fields != null)
            {
                var gotten = (Dictionary<string, object>)got;
                Check.Equal(fields.Count, gotten.Count, path);
                foreach (var field in fields) Compare(field.Value, gotten[field.Key], path + "." + field.Key);
            }
            else if (items != null)
            {
                var gotten = (List<object>)got;
                Check.Equal(items.Count, gotten.Count, path);
                for (var i = 0; i < items.Count; i++) Compare(items[i], gotten[i], path + "[" + i + "]");
            }
            else if (wanted is double) Check.Near((double)wanted, (double)got, 1e-6 * Math.Max(1, Math.Abs((double)wanted)), path);
            else Check.Equal(wanted, got, path);
        }
    }
}
