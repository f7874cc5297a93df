using System;
using System.Collections.Generic;
using AvatarBridge.Core;

namespace AvatarBridge.Tests
{
    /// <summary>What a callback showed and what came out of the loudspeaker then, in seconds on the timeline.</summary>
    struct Seen
    {
        public double ShownS;
        public double HeardS;
    }

    /// <summary>
    /// A bridge, an engine and its loudspeaker in virtual time. The bridge sends frames 300 ms ahead, whose first curve
    /// counts the index; the loudspeaker asks for a buffer each time that one has been played.
    /// </summary>
    sealed class World
    {
        const int LeadFrames = 18;
        public const int OutputHz = 48000;
        public const int BufferFrames = 1024;
        public const double LatencyS = 3 * BufferFrames / (double)OutputHz;

        /// <summary>How far the picture stays behind what is due while sound runs: what its way to the ear takes.</summary>
        public const double LagS = LatencyS + BufferFrames / (double)OutputHz + 0.03;

        public double NowS = 100;
        /// <summary>How much faster than the engine's clock the audio clock runs, and the bridge's.</summary>
        public double AudioRate = 1;
        public double BridgeRate = 1;
        public bool HasAudio;
        public long Epoch;
        public readonly List<float> Heard = new List<float>();
        public readonly List<KeyValuePair<long, long>> Played = new List<KeyValuePair<long, long>>();
        public readonly Receiver Receiver;
        public readonly RigPose Pose = new RigPose(Messages.Layout);
        readonly Speaker _speaker = new Speaker(OutputHz, LatencyS);
        readonly float[] _block = new float[2 * BufferFrames];
        readonly double _startS = 100;
        readonly long _firstDue;
        double _audioFromS;
        long _rendered;
        long _sent;

        public World(long firstDue = 600)
        {
            _firstDue = firstDue;
            _sent = firstDue;
            Receiver = new Receiver(_speaker);
            Receiver.Played += (epoch, sample) => Played.Add(new KeyValuePair<long, long>(epoch, sample));
            Receiver.Connected();
            Give(Messages.LayoutMessage(firstDue));
            Stream();
        }

        /// <summary>Seconds on the timeline due at the bridge.</summary>
        public double DueS
        {
            get { return _firstDue / 60.0 + (NowS - _startS) * BridgeRate; }
        }

        public Reading Reading
        {
            get { return _speaker.Read(NowS); }
        }

        /// <summary>Sound begins, or goes on with the frame it stopped at.</summary>
        public void StartAudio()
        {
            HasAudio = true;
            _audioFromS = NowS - _rendered / (double)OutputHz / AudioRate;
        }

        /// <summary>The receiver is told of another latency than before.</summary>
        public void Mistake(double latencyS)
        {
            _speaker.SetLatency(latencyS);
        }

        /// <summary>The bridge stops: a new epoch, whose frames begin with the one that is due.</summary>
        public void Stop()
        {
            Epoch++;
            _sent = (long)Math.Floor(DueS * 60);
            Stream();
        }

        public void Give(byte[] message)
        {
            Receiver.Receive(message, message.Length, Reading);
        }

        /// <summary>Speech in one message, whose samples count: `start` is the index of its first frame.</summary>
        public void Say(long startSample, int count)
        {
            Give(Messages.AudioMessage(startSample, count, Count, Epoch));
        }

        public static short Count(long sample)
        {
            return (short)(sample % 30000 + 1);
        }

        /// <summary>Let time pass in callbacks of <paramref name="fps"/>.</summary>
        public List<Seen> Pass(double seconds, double fps = 60)
        {
            var seen = new List<Seen>();
            var end = NowS + seconds;
            for (var k = 0; NowS < end - 1e-9; k++)
            {
                var next = Math.Min(end, NowS + 1 / fps);
                RenderUntil(next);
                NowS = next;
                Stream();
                seen.Add(Show());
                if (k % 6 == 0) Receiver.Report(Reading);
            }
            return seen;
        }

        /// <summary>Let time pass without a callback: the bridge goes on sending.</summary>
        public void Sleep(double seconds)
        {
            for (var end = NowS + seconds; NowS < end;)
            {
                NowS = Math.Min(end, NowS + 0.05);
                RenderUntil(NowS);
                Stream();
            }
        }

        public Seen Show()
        {
            var reading = Reading;
            Receiver.Show(reading, Pose);
            var heard = reading.HasAudio ? Receiver.Playlist.HeardAt(reading.HeardS) : double.NaN;
            return new Seen { ShownS = Receiver.ShownS, HeardS = heard / Wire.SampleRateHz };
        }

        void Stream()
        {
            var last = (long)Math.Floor(DueS * 60) + LeadFrames;
            while (_sent < last)
            {
                var count = (int)Math.Min(16, last - _sent);
                Give(Messages.FramesMessage(_sent, count, Epoch));
                _sent += count;
            }
        }

        void RenderUntil(double nowS)
        {
            while (HasAudio)
            {
                var askedS = _audioFromS + _rendered / (double)OutputHz / AudioRate;
                if (askedS > nowS) return;
                for (var i = 0; i < _block.Length; i++) _block[i] = 1;
                _speaker.Render(_block, 2, _rendered, askedS);
                for (var i = 0; i < _block.Length; i += 2) Heard.Add(_block[i]);
                _rendered += BufferFrames;
            }
        }
    }
}
