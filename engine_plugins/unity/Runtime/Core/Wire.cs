using System;
using System.Text;

namespace AvatarBridge.Core
{
    public enum MessageKind
    {
        /// <summary>A type that this version does not know: skip it.</summary>
        Unknown,
        Layout,
        Audio,
        Frames,
        Event,
    }

    /// <summary>A message read, still in the bytes it came in: valid until those are used again.</summary>
    public struct Message
    {
        public MessageKind Type;
        public long Epoch;
        /// <summary>Of Layout.</summary>
        public Layout Layout;
        /// <summary>Of Event.</summary>
        public BridgeEvent Event;
        public byte[] Data;
        /// <summary>Where in Data the samples or the first frame begin.</summary>
        public int Offset;
        /// <summary>Of Audio: samples. Of Frames: 1 to 16 consecutive frames.</summary>
        public int Count;
        /// <summary>Of Audio: where the first sample stands on the timeline. Of Frames: the index of the first.</summary>
        public long Start;
    }

    /// <summary>
    /// The bridge's stream: reading its binary messages and writing what a client says. The byte layout is
    /// engine_plugins/PROTOCOL.md; tests/vectors/stream.json holds golden bytes. Only layouts and events allocate.
    /// </summary>
    public static class Wire
    {
        public const int SampleRateHz = 24000;
        public const int Fps = 60;
        public const int SamplesPerFrame = SampleRateHz / Fps;
        public const int CurveSteps = 255;
        public const int BoneSteps = 32767;
        public const int BoneBytes = 6;

        const int Version = 1;
        const int HeaderBytes = 8;
        const int AudioStart = HeaderBytes + 8;
        const int FramesStart = HeaderBytes + 16;
        const int MaxFrames = 16;
        const long LargestStart = 1L << 53;

        static readonly UTF8Encoding _utf8 = new UTF8Encoding(false, true);

        /// <summary>
        /// Read the message that the first <paramref name="length"/> bytes of <paramref name="data"/> are. Frames need the
        /// layout heard before. Throws WireError and nothing else, whatever the bytes.
        /// </summary>
        public static Message Decode(byte[] data, int length, Layout layout)
        {
            if (length < HeaderBytes) throw new WireError("a message has at least 8 bytes");
            if (data[0] != 'A' || data[1] != 'B') throw new WireError("a message begins with AB");
            if (data[2] != Version) throw new WireError("this reads version 1 of the stream");
            var message = new Message { Data = data, Epoch = UInt32(data, 4) };
            switch (data[3])
            {
                case 1:
                    message.Type = MessageKind.Layout;
                    message.Layout = Layout.From(Json.ParseObject(Text(data, length)));
                    break;
                case 2:
                    ReadAudio(length, ref message);
                    break;
                case 3:
                    ReadFrames(length, layout, ref message);
                    break;
                case 4:
                    message.Type = MessageKind.Event;
                    message.Event = BridgeEvent.From(message.Epoch, Json.ParseObject(Text(data, length)));
                    break;
            }
            return message;
        }

        /// <summary>Sample <paramref name="i"/> of an Audio message, in -1..1.</summary>
        public static float Sample(ref Message message, int i)
        {
            return Int16(message.Data, message.Offset + 2 * i) / 32767f;
        }

        /// <summary>
        /// Unpack frame <paramref name="i"/> of a message of Frames. The sign of a rotation is free, so the wire leaves w out
        /// and means w &gt;= 0.
        /// </summary>
        public static void ReadFrame(ref Message message, int i, Layout layout, RigPose pose)
        {
            var data = message.Data;
            var at = message.Offset + i * layout.FrameBytes;
            var span = (layout.CurveMax - layout.CurveMin) / CurveSteps;
            for (var c = 0; c < pose.Curves.Length; c++) pose.Curves[c] = (float)(layout.CurveMin + data[at++] * span);
            for (var b = 0; b < pose.Bones.Length; b++, at += BoneBytes)
            {
                var x = Int16(data, at) / (double)BoneSteps;
                var y = Int16(data, at + 2) / (double)BoneSteps;
                var z = Int16(data, at + 4) / (double)BoneSteps;
                var w = Math.Sqrt(Math.Max(0, 1 - x * x - y * y - z * z));
                pose.Bones[b] = Rotation.Normalised(x, y, z, w);
            }
        }

        /// <summary>What a client that plays says of its listener: all samples before this one have been heard.</summary>
        public static string EncodePlayed(long epoch, long sample)
        {
            return "{\"type\":\"played\",\"epoch\":" + epoch + ",\"sample\":" + sample + "}";
        }

        static void ReadAudio(int length, ref Message message)
        {
            var bytes = length - AudioStart;
            if (bytes < 0 || bytes % 2 != 0) throw new WireError("the audio message is cut short");
            message.Type = MessageKind.Audio;
            message.Offset = AudioStart;
            message.Count = bytes / 2;
            var start = UInt64(message.Data, HeaderBytes);
            if (start > LargestStart) throw new WireError("the audio lies outside of every timeline");
            message.Start = (long)start;
        }

        static void ReadFrames(int length, Layout layout, ref Message message)
        {
            if (layout == null) throw new WireError("frames came before the layout that explains them");
            if (length < FramesStart) throw new WireError("the message of frames is cut short");
            message.Type = MessageKind.Frames;
            message.Offset = FramesStart;
            message.Start = UInt32(message.Data, HeaderBytes);
            message.Count = message.Data[HeaderBytes + 4];
            if (message.Count < 1 || message.Count > MaxFrames || length != FramesStart + message.Count * layout.FrameBytes)
                throw new WireError("the frames do not fit the length of their message");
            if (UInt64(message.Data, HeaderBytes + 8) != (ulong)message.Start * 1000000000UL / Fps)
                throw new WireError("a frame carries a time off the grid");
        }

        static string Text(byte[] data, int length)
        {
            try
            {
                return _utf8.GetString(data, HeaderBytes, length - HeaderBytes);
            }
            catch (ArgumentException)
            {
                throw new WireError("the message is not UTF-8");
            }
        }

        static short Int16(byte[] data, int at)
        {
            return (short)(data[at] | data[at + 1] << 8);
        }

        static long UInt32(byte[] data, int at)
        {
            return data[at] | (long)data[at + 1] << 8 | (long)data[at + 2] << 16 | (long)data[at + 3] << 24;
        }

        static ulong UInt64(byte[] data, int at)
        {
            return (ulong)UInt32(data, at) | (ulong)UInt32(data, at + 4) << 32;
        }
    }
}
