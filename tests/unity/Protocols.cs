using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using AvatarBridge.Core;

namespace AvatarBridge.Tests
{
    /// <summary>
    /// Second readers of the protocols that are not ours, written from their documents and not from the bridge's encoders.
    /// They exist to be held against tests/vectors/; the package itself reads the bridge's stream only. What is no packet
    /// throws WireError.
    /// </summary>
    static class Protocols
    {
        /// <summary>Live Link Face, version 6: big-endian, two names behind their lengths, the frame's time, 61 floats.</summary>
        public static Dictionary<string, object> LiveLink(byte[] data)
        {
            var bytes = new BigEndian(data);
            Demand(bytes.Byte() == 6, "not version 6");
            var fields = new Dictionary<string, object>
            {
                { "device_id", bytes.Text(bytes.Int32()) },
                { "subject", bytes.Text(bytes.Int32()) },
                { "frame", (double)bytes.Int32() },
                { "sub_frame", (double)bytes.Float() },
                { "fps_num", (double)bytes.Int32() },
                { "fps_den", (double)bytes.Int32() },
            };
            Demand((double)fields["fps_num"] > 0 && (double)fields["fps_den"] > 0, "no frame rate");
            Demand(bytes.Byte() == 61, "not 61 values");
            fields["values"] = Enumerable.Range(0, 61).Select(_ => (object)(double)bytes.Float()).ToList();
            Demand(((List<object>)fields["values"]).All(IsFinite), "a value that is no number");
            Demand(bytes.Left == 0, "bytes past the end");
            return fields;
        }

        /// <summary>iFacialMocap: `name-percent|...=head#rx,ry,rz,px,py,pz|rightEye#x,y,z|leftEye#x,y,z|`.</summary>
        public static Dictionary<string, object> FacialMocap(byte[] data, string[] names)
        {
            var halves = Utf8(data, 0, data.Length).Split('=');
            Demand(halves.Length == 2, "no '=' between face and head");
            var face = new Dictionary<string, double>();
            foreach (var item in halves[0].Split(new[] { '|' }, StringSplitOptions.RemoveEmptyEntries))
            {
                var cut = item.LastIndexOf('-');
                Demand(cut > 0, "a shape without a value");
                face[item.Substring(0, cut)] = Number(item.Substring(cut + 1)) / 100;
            }
            var turns = halves[1].Split('|').Select(part => part.Split('#')).Where(part => part.Length == 2)
                .GroupBy(part => part[0]).ToDictionary(group => group.Key, group => group.Last()[1].Split(',').Select(Number).ToList());
            foreach (var need in new[] { "head 6", "rightEye 3", "leftEye 3" }.Select(n => n.Split(' ')))
                Demand(turns.ContainsKey(need[0]) && turns[need[0]].Count == int.Parse(need[1]), need[0] + " is not whole");
            return new Dictionary<string, object>
            {
                { "face", names.Select(name => face.ContainsKey(name) ? (object)face[name] : 0.0).ToList() },
                { "head_deg", turns["head"].Take(3).Cast<object>().ToList() },
                { "place_m", turns["head"].Skip(3).Cast<object>().ToList() },
                { "right_eye_deg", turns["rightEye"].Cast<object>().ToList() },
                { "left_eye_deg", turns["leftEye"].Cast<object>().ToList() },
            };
        }

        /// <summary>What a VMC datagram means (protocol.vmc.info). Unknown messages, and those whose arguments do not fit, are skipped.</summary>
        public static List<object> Vmc(byte[] data)
        {
            return Osc(data).Select(VmcItem).Where(item => item != null).ToList();
        }

        static object VmcItem(OscMessage message)
        {
            var values = message.Values;
            switch (message.Address)
            {
                case "/VMC/Ext/OK": return message.Begins("i") ? Item("Available", "loaded", !0.0.Equals(values[0])) : null;
                case "/VMC/Ext/T": return message.Begins("f") ? Item("Time", "seconds", values[0]) : null;
                case "/VMC/Ext/Blend/Val": return message.Begins("sf") ? Item("Blend", "name", values[0], "value", values[1]) : null;
                case "/VMC/Ext/Blend/Apply": return Item("Apply");
                case "/VMC/Ext/Root/Pos":
                case "/VMC/Ext/Bone/Pos":
                    if (!message.Begins("sfffffff")) return null;
                    return Item("Pose", "name", values[0], "place_m", values.GetRange(1, 3), "xyzw", values.GetRange(4, 4),
                        "is_root", message.Address == "/VMC/Ext/Root/Pos");
                default: return null;
            }
        }

        /// <summary>What a message to VRChat means (docs.vrchat.com/docs/osc-avatar-parameters, osc-eye-tracking).</summary>
        public static object VrChat(byte[] data)
        {
            const string parameters = "/avatar/parameters/";
            var message = Osc(data).FirstOrDefault();
            Demand(message != null, "no message");
            var v = message.Values;
            Demand(v.Count > 0, "no argument");
            if (message.Address.StartsWith(parameters, StringComparison.Ordinal))
                return Item("Parameter", "name", message.Address.Substring(parameters.Length), "value", v[0]);
            if (message.Address == "/avatar/change") return Item("AvatarChange", "avatar", v[0]);
            if (message.Address == "/tracking/eye/EyesClosedAmount") return Item("EyesClosed", "amount", v[0]);
            Demand(message.Begins("ffff"), "not four angles");
            return Item("Eyes", "left_pitch_deg", v[0], "left_yaw_deg", v[1], "right_pitch_deg", v[2], "right_yaw_deg", v[3]);
        }

        /// <summary>VTube Studio's envelope.</summary>
        public static Dictionary<string, object> VTubeStudio(string text)
        {
            var fields = Json.ParseObject(text);
            Demand("VTubeStudioPublicAPI".Equals(Field(fields, "apiName")), "another API");
            return new Dictionary<string, object>
            {
                { "kind", Field(fields, "messageType") },
                { "request_id", Field(fields, "requestID") },
                { "data", Field(fields, "data") ?? new Dictionary<string, object>() },
            };
        }

        /// <summary>A message of OSC 1.0: numbers are doubles.</summary>
        sealed class OscMessage
        {
            public string Address;
            public string Tags;
            public readonly List<object> Values = new List<object>();

            public bool Begins(string tags)
            {
                return Tags.StartsWith(tags, StringComparison.Ordinal) && Values.Take(tags.Length).All(IsFinite);
            }
        }

        /// <summary>The messages of a packet, those of a bundle in a row (opensoundcontrol.stanford.edu/spec-1_0.html).</summary>
        static IEnumerable<OscMessage> Osc(byte[] data, int depth = 0)
        {
            Demand(data.Length > 0 && data.Length % 4 == 0 && depth < 8, "no OSC packet");
            var bytes = new BigEndian(data);
            var address = bytes.Padded();
            if (address != "#bundle") return new[] { Message(address, bytes) };
            bytes.Skip(8);
            var messages = new List<OscMessage>();
            while (bytes.Left > 0) messages.AddRange(Osc(bytes.Part(bytes.Int32()), depth + 1));
            return messages;
        }

        static OscMessage Message(string address, BigEndian bytes)
        {
            Demand(address.StartsWith("/", StringComparison.Ordinal), "no address");
            var tags = bytes.Padded();
            Demand(tags.StartsWith(",", StringComparison.Ordinal), "no tags");
            var message = new OscMessage { Address = address, Tags = tags.Substring(1) };
            foreach (var tag in message.Tags)
            {
                switch (tag)
                {
                    case 'i': message.Values.Add((double)bytes.Int32()); break;
                    case 'f': message.Values.Add((double)bytes.Float()); break;
                    case 's': message.Values.Add(bytes.Padded()); break;
                    case 'T': message.Values.Add(true); break;
                    case 'F': message.Values.Add(false); break;
                    default: throw new WireError("a tag nobody here sends");
                }
            }
            return message;
        }

        sealed class BigEndian
        {
            readonly byte[] _data;
            int _at;

            public BigEndian(byte[] data)
            {
                _data = data;
            }

            public int Left
            {
                get { return _data.Length - _at; }
            }

            public int Skip(int count)
            {
                Demand(count >= 0 && count <= Left, "the packet is too short");
                _at += count;
                return _at - count;
            }

            public byte Byte()
            {
                return _data[Skip(1)];
            }

            public int Int32()
            {
                return BitConverter.ToInt32(Turned(), 0);
            }

            public float Float()
            {
                return BitConverter.ToSingle(Turned(), 0);
            }

            public string Text(int length)
            {
                return Utf8(_data, Skip(length), length);
            }

            public byte[] Part(int length)
            {
                var from = Skip(length);
                return _data.Skip(from).Take(length).ToArray();
            }

            /// <summary>A text that ends with 1 to 4 zeros, at a multiple of four.</summary>
            public string Padded()
            {
                var end = Array.IndexOf(_data, (byte)0, _at);
                Demand(end >= 0, "a text without end");
                var length = end - _at;
                var text = Text(length);
                Skip(4 - length % 4);
                return text;
            }

            byte[] Turned()
            {
                var from = Skip(4);
                var four = new[] { _data[from + 3], _data[from + 2], _data[from + 1], _data[from] };
                return BitConverter.IsLittleEndian ? four : four.Reverse().ToArray();
            }
        }

        static Dictionary<string, object> Item(string type, params object[] fields)
        {
            var item = new Dictionary<string, object> { { "type", type } };
            for (var i = 0; i < fields.Length; i += 2) item[(string)fields[i]] = fields[i + 1];
            return item;
        }

        static object Field(Dictionary<string, object> fields, string name)
        {
            object value;
            return fields.TryGetValue(name, out value) ? value : null;
        }

        static bool IsFinite(object value)
        {
            return !(value is double) || !double.IsNaN((double)value) && !double.IsInfinity((double)value);
        }

        static double Number(string text)
        {
            double value;
            Demand(double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && IsFinite(value), "no number");
            return value;
        }

        static string Utf8(byte[] data, int from, int length)
        {
            try
            {
                return new UTF8Encoding(false, true).GetString(data, from, length);
            }
            catch (ArgumentException)
            {
                throw new WireError("not UTF-8");
            }
        }

        static void Demand(bool holds, string complaint)
        {
            if (!holds) throw new WireError(complaint);
        }
    }
}
