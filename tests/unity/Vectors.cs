using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using AvatarBridge.Core;

namespace AvatarBridge.Tests
{
    /// <summary>tests/vectors/, the bytes that readers in all languages replay; those of the stream where no other is named.</summary>
    static class Vectors
    {
        static readonly Dictionary<string, object> _file = Load("stream");

        public static readonly Layout Layout = LayoutOf((Dictionary<string, object>)_file["layout"]);

        public static readonly byte[] ToSkip = Bytes((Dictionary<string, object>)_file["skip"]);

        public static IEnumerable<Dictionary<string, object>> Of(string kind)
        {
            return Rows(_file, kind);
        }

        /// <summary>Those of a protocol that is not ours: good, bad, and the names that it gives values.</summary>
        public static Dictionary<string, object> Load(string protocol)
        {
            var root = Environment.GetEnvironmentVariable("AVATAR_BRIDGE_ROOT") ?? ".";
            return Json.ParseObject(File.ReadAllText(Path.Combine(root, "tests", "vectors", protocol + ".json")));
        }

        public static IEnumerable<Dictionary<string, object>> Rows(Dictionary<string, object> file, string kind)
        {
            return ((List<object>)file[kind]).Cast<Dictionary<string, object>>();
        }

        public static byte[] Bytes(Dictionary<string, object> vector)
        {
            var hex = (string)vector["hex"];
            return Enumerable.Range(0, hex.Length / 2).Select(i => Convert.ToByte(hex.Substring(2 * i, 2), 16)).ToArray();
        }

        public static double[] Numbers(object list)
        {
            return ((List<object>)list).Select(Convert.ToDouble).ToArray();
        }

        public static string[] Names(object list)
        {
            return ((List<object>)list).Cast<string>().ToArray();
        }

        static Layout LayoutOf(Dictionary<string, object> fields)
        {
            var range = Numbers(fields["curve_range"]);
            return new Layout("avatar", 0, true, Names(fields["curves"]), Names(fields["bones"]), range[0], range[1]);
        }
    }
}
