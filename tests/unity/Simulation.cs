using System;
using System.Collections.Generic;
using AvatarBridge.Core;

namespace AvatarBridge.Tests
{
    /// <summary>What lies between the bridge and the engine, and whose clock runs how fast.</summary>
    sealed class Conditions
    {
        public string Name;
        public double Minutes = 3;
        public double DelayS;
        /// <summary>The standard deviation of each message's own delay (normal, never below zero).</summary>
        public double JitterS;
        /// <summary>The share of messages lost. A lost one is sent again after RetransmitS, unless that is 0.</summary>
        public double Loss;
        public double RetransmitS = 0.2;
        /// <summary>Messages arrive in the order they were sent in, as on a WebSocket: one that is late holds up those behind.</summary>
        public bool InOrder = true;
        /// <summary>Each half minute nothing arrives for so long.</summary>
        public double StallS;
        public double BridgePpm;
        public double DevicePpm;
        public bool SpeaksWithoutPause;
        public int OutputHz = 48000;
        /// <summary>How much later than by the engine's buffers sound is heard, which the receiver is told.</summary>
        public double ExtraLatencyS;
        /// <summary>How much more than the truth the receiver takes the output's latency for.</summary>
        public double MistakenLatencyS;
    }

    /// <summary>
    /// The bridge, a network, an engine and its loudspeaker on a virtual clock, seeded. What is measured is taken from the ends:
    /// the time shown from the pose's own curve, which counts frames, and the time heard from the samples that were
    /// rendered, which count too, at the place where the loudspeaker then is. Nothing asks the receiver what it believes.
    /// </summary>
    sealed class Simulation
    {
        const int LeadFrames = 18;
        const int StartFrames = 4;
        const double LatencyBuffers = 3;
        const double Tick = 1 / 60.0;
        const int Wrap = 60000;
        const double StallEveryS = 30;
        const double RecoveryS = 3;
        const int LogFrames = 1 << 18;

        struct Sent
        {
            public double ArrivesS;
            public byte[] Data;
        }

        public readonly List<double> ErrorsMs = new List<double>();
        public readonly List<double> SettledMs = new List<double>();
        /// <summary>Times that speech was heard and the face of silence shown.</summary>
        public int Misfits;
        public int Held;
        readonly Conditions _conditions;
        readonly Random _random = new Random(7);
        readonly List<Sent> _network = new List<Sent>();
        readonly float[] _rendered = new float[LogFrames];
        readonly float[] _block;
        readonly Speaker _speaker;
        readonly double _latencyS;
        readonly double _deviceRate;
        double _nowS;
        double _lastArrivalS;
        double _blockJitterS;
        long _sent;
        long _speechStart;
        long _speechEnd = -1;
        long _blocks;
        double _lastFaultS = double.NegativeInfinity;

        public readonly Receiver Receiver;
        public readonly RigPose Pose = new RigPose(Messages.Layout);

        public Simulation(Conditions conditions)
        {
            _conditions = conditions;
            _deviceRate = conditions.OutputHz * (1 + conditions.DevicePpm * 1e-6);
            _block = new float[BufferFrames];
            _latencyS = LatencyBuffers * BufferFrames / conditions.OutputHz + conditions.ExtraLatencyS;
            _speaker = new Speaker(conditions.OutputHz, _latencyS + conditions.MistakenLatencyS);
            Receiver = new Receiver(_speaker, 0.1, 0.01 + BufferFrames / (double)conditions.OutputHz);
            Receiver.Connected();
        }

        public void Run()
        {
            _sent = Due;
            Send(Messages.LayoutMessage(Due));
            var nextBridgeS = 0.0;
            var nextShowS = 0.005;
            var endS = 60 * _conditions.Minutes;
            while (_nowS < endS)
            {
                var askedS = BlockAskedS;
                _nowS = Math.Min(Math.Min(nextBridgeS, nextShowS), askedS);
                if (_nowS == askedS) Render();
                else if (_nowS == nextBridgeS)
                {
                    Bridge();
                    nextBridgeS += Tick;
                }
                else
                {
                    Show();
                    nextShowS += Tick + 0.003 * (_random.NextDouble() - 0.5);
                }
            }
        }

        /// <summary>Some 21 ms, as Unity's best latency but one: 1024 frames of 48 kHz.</summary>
        int BufferFrames
        {
            get { return _conditions.OutputHz * 64 / 3000; }
        }

        /// <summary>The frame due at the bridge.</summary>
        long Due
        {
            get { return 600 + (long)Math.Floor(_nowS * (1 + _conditions.BridgePpm * 1e-6) * 60); }
        }

        void Bridge()
        {
            if (Due > _speechEnd + Pause)
            {
                _speechStart = Math.Max(Due + StartFrames, _speechEnd);
                _speechEnd = _speechStart + (_conditions.SpeaksWithoutPause ? 1 << 30 : _random.Next(60, 600));
                _sent = Math.Min(_sent, _speechStart);
            }
            var last = Due + LeadFrames;
            while (_sent < last)
            {
                var isSpeech = _sent >= _speechStart && _sent < _speechEnd;
                var until = isSpeech ? Math.Min(last, _speechEnd) : last;
                if (_sent < _speechStart) until = Math.Min(until, _speechStart);
                var count = (int)Math.Min(16, until - _sent);
                if (isSpeech) Send(Messages.AudioMessage(_sent * 400, count * 400, Code));
                Send(Messages.FramesMessage(_sent, count, 0, (byte)(isSpeech ? 255 : 0)));
                _sent += count;
            }
        }

        /// <summary>Frames between an utterance and the next: half a second to four.</summary>
        long Pause
        {
            get { return 30 + (_speechEnd * 7919 & 127) + (_speechEnd * 104729 & 63); }
        }

        static short Code(long sample)
        {
            return (short)(sample % Wrap - Wrap / 2);
        }

        void Send(byte[] data)
        {
            var c = _conditions;
            var isLost = _random.NextDouble() < c.Loss;
            if (isLost && c.RetransmitS == 0 && data[3] != 1) return;
            var normal = Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());
            var arrivesS = _nowS + Math.Max(0, c.DelayS + c.JitterS * normal) + (isLost ? c.RetransmitS : 0);
            var sinceStall = arrivesS % StallEveryS;
            if (c.StallS > 0 && arrivesS > StallEveryS && sinceStall < c.StallS) arrivesS += c.StallS - sinceStall;
            if (c.InOrder) arrivesS = Math.Max(arrivesS, _lastArrivalS);
            _lastArrivalS = arrivesS;
            _network.Add(new Sent { ArrivesS = arrivesS, Data = data });
        }

        double BlockAskedS
        {
            get { return _blocks * BufferFrames / _deviceRate + _blockJitterS; }
        }

        void Render()
        {
            for (var i = 0; i < BufferFrames; i++) _block[i] = 1;
            _speaker.Render(_block, 1, _blocks * BufferFrames, _nowS);
            for (var i = 0; i < BufferFrames; i++) _rendered[(_blocks * BufferFrames + i) % LogFrames] = _block[i];
            _blocks++;
            _blockJitterS = 0.008 * _random.NextDouble();
        }

        void Show()
        {
            if (_conditions.StallS > 0 && _nowS > StallEveryS && _nowS % StallEveryS < _conditions.StallS) _lastFaultS = _nowS;
            Deliver();
            var reading = _speaker.Read(_nowS);
            var underruns = Receiver.Counters.Underruns;
            Receiver.Show(reading, Pose);
            Held += (int)(Receiver.Counters.Underruns - underruns);
            Measure();
        }

        void Deliver()
        {
            _network.Sort((a, b) => a.ArrivesS.CompareTo(b.ArrivesS));
            var count = _network.FindIndex(m => m.ArrivesS > _nowS);
            if (count < 0) count = _network.Count;
            for (var i = 0; i < count; i++) Receiver.Receive(_network[i].Data, _network[i].Data.Length, _speaker.Read(_nowS));
            _network.RemoveRange(0, count);
        }

        void Measure()
        {
            var shownS = ShownS();
            var heardS = HeardS(shownS);
            if (double.IsNaN(shownS) || double.IsNaN(heardS)) return;
            ErrorsMs.Add(1000 * (shownS - heardS));
            if (_nowS - _lastFaultS > RecoveryS) SettledMs.Add(1000 * (shownS - heardS));
            if (Pose.Curves[1] == 0) Misfits++;
        }

        /// <summary>The time that the pose on show belongs to, from its own counting curve.</summary>
        double ShownS()
        {
            var position = Receiver.ShownS * 60;
            if (double.IsNaN(position) || position % 256 >= 254.9) return double.NaN;
            return (Math.Floor(position / 256) * 256 + Pose.Curves[0]) / 60;
        }

        /// <summary>The time that the sample now in the loudspeaker belongs to, from its value; NaN in silence.</summary>
        double HeardS(double nearS)
        {
            var step = _conditions.OutputHz / Wire.SampleRateHz;
            var frame = (_nowS - _latencyS) * _deviceRate;
            var whole = (long)Math.Floor(frame / step) * step;
            if (whole < 0 || double.IsNaN(nearS)) return double.NaN;
            var value = _rendered[whole % LogFrames];
            if (Math.Abs(value) < 0.5 / 32767) return double.NaN;
            var sample = Math.Round(value * 32767.0) + Wrap / 2 + (frame - whole) / step;
            return (sample + Math.Round((nearS * Wire.SampleRateHz - sample) / Wrap) * Wrap) / Wire.SampleRateHz;
        }
    }
}
