using System;
using System.IO;
using System.Text;
using AvatarBridge.Core;

namespace AvatarBridge.Tests
{
    /// <summary>Messages as the bridge writes them, from the tables of PROTOCOL.md.</summary>
    static class Messages
    {
        public static readonly Layout Layout = new Layout("avatar", 0, true, new[] { "count", "jawOpen" }, new[] { "head" }, 0, 255);

        public static byte[] LayoutMessage(long dueIndex, long epoch = 0)
        {
            return TextMessage(1, epoch, "{\"subject\":\"avatar\",\"fps\":[60,1],\"due_index\":" + dueIndex
                + ",\"primary\":true,\"curves\":[\"count\",\"jawOpen\"],\"bones\":[\"head\"],\"curve_range\":[0.0,255.0],"
                + "\"curve_steps\":255,\"bone_steps\":32767,\"sample_rate_hz\":24000}");
        }

        public static byte[] EventMessage(string json, long epoch = 0)
        {
            return TextMessage(4, epoch, json);
        }

        /// <summary>Speech whose samples are 16-bit values of <paramref name="sample"/>.</summary>
        public static byte[] AudioMessage(long startSample, int count, Func<long, short> sample, long epoch = 0)
        {
            return Message(2, epoch, body =>
            {
                body.Write(startSample);
                for (var i = 0; i < count; i++) body.Write(sample(startSample + i));
            });
        }

        /// <summary>Frames whose first curve counts the index, modulo 256.</summary>
        public static byte[] FramesMessage(long firstIndex, int count, long epoch = 0, byte second = 0)
        {
            return Message(3, epoch, body =>
            {
                body.Write((uint)firstIndex);
                body.Write((byte)count);
                body.Write(new byte[3]);
                body.Write((ulong)firstIndex * 1000000000UL / 60);
                for (var i = 0; i < count; i++)
                {
                    body.Write((byte)(firstIndex + i));
                    body.Write(second);
                    body.Write(new byte[6]);
                }
            });
        }

        static byte[] TextMessage(byte type, long epoch, string json)
        {
            return Message(type, epoch, body => body.Write(Encoding.UTF8.GetBytes(json)));
        }

        static byte[] Message(byte type, long epoch, Action<BinaryWriter> body)
        {
            var bytes = new MemoryStream();
            using (var writer = new BinaryWriter(bytes))
            {
                writer.Write(new[] { (byte)'A', (byte)'B', (byte)1, type });
                writer.Write((uint)epoch);
                body(writer);
            }
            return bytes.ToArray();
        }
    }
}
