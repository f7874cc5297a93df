using System;
using System.Collections.Generic;

namespace AvatarBridge.Core
{
    /// <summary>Counts since the receiver was made.</summary>
    public struct Counters
    {
        public long Messages;
        public long Frames;
        /// <summary>Messages of a past epoch, skipped.</summary>
        public long Stale;
        /// <summary>Messages that break the format.</summary>
        public long Malformed;
        /// <summary>Times that no frame was as new as the time to be shown.</summary>
        public long Underruns;
        /// <summary>Stretches of speech that came too late for their place on the timeline.</summary>
        public long Late;
    }

    /// <summary>
    /// One client of the stream, without sockets, sound or pictures: messages and readings of the clocks go in; what is to
    /// be shown, played and reported comes out. For one thread. Only layouts, events and reports allocate.
    /// </summary>
    public sealed class Receiver
    {
        /// <summary>Speech later than this is not played after all: the listener has moved on.</summary>
        const double TooLateS = 1;
        /// <summary>The bridge leads by a second at most; what claims to lie further ahead is not of this timeline.</summary>
        const double TooEarlyS = 8;
        /// <summary>Frames of speech, and those that follow it within this time, are sent earlier than idle ones.</summary>
        const double AfterSpeechS = 2;

        readonly Speaker _speaker;
        readonly double _bufferS;
        readonly double _marginS;
        readonly List<Message> _waiting = new List<Message>();
        FrameClock _clock;
        FrameBuffer _buffer;
        Counters _counters;
        bool _isBacklog;
        int _audioRun;
        long _speechEnd = -1;
        long _reported = -1;

        /// <summary>
        /// Speech goes to <paramref name="speaker"/>, at least <paramref name="marginS"/> ahead of what it renders; frames are shown
        /// <paramref name="bufferS"/> after they are due at the bridge.
        /// </summary>
        public Receiver(Speaker speaker, double bufferS = 0.1, double marginS = 0.03)
        {
            _speaker = speaker;
            _bufferS = bufferS;
            _marginS = marginS;
            _clock = new FrameClock(bufferS, marginS);
        }

        /// <summary>The frames are laid out anew.</summary>
        public event Action<Layout> LaidOut;

        public event Action<BridgeEvent> Happened;

        /// <summary>To be told to the bridge: of this epoch, all samples before this one were heard.</summary>
        public event Action<long, long> Played;

        public Playlist Playlist { get; } = new Playlist();

        public long Epoch { get; private set; }

        /// <summary>Null before the first.</summary>
        public Layout Layout { get; private set; }

        /// <summary>What was wrong with the last message that broke the format, or null.</summary>
        public string LastFault { get; private set; }

        /// <summary>The time shown last, in seconds on the subject's timeline; NaN before the first frame.</summary>
        public double ShownS { get; private set; } = double.NaN;

        public Counters Counters
        {
            get { return _counters; }
        }

        /// <summary>Seconds of frames received beyond what was shown last.</summary>
        public double LeadS
        {
            get { return _buffer == null ? 0 : _buffer.NewestIndex / (double)Wire.Fps - ShownS; }
        }

        /// <summary>A new connection: the bridge may be another one, so nothing of the last is kept but the picture.</summary>
        public void Connected()
        {
            Drop();
            _clock = new FrameClock(_bufferS, _marginS);
            Epoch = 0;
            _reported = -1;
        }

        /// <summary>Take the message in the first <paramref name="length"/> bytes. One that breaks the format is counted, never thrown.</summary>
        public void Receive(byte[] data, int length, Reading reading)
        {
            _counters.Messages++;
            Message message;
            try
            {
                message = Wire.Decode(data, length, Layout);
            }
            catch (WireError error)
            {
                Refuse(error.Message);
                return;
            }
            if (message.Type == MessageKind.Unknown) return;
            if (message.Epoch < Epoch)
            {
                _counters.Stale++;
                return;
            }
            if (message.Epoch > Epoch) Begin(message.Epoch, reading);
            Take(ref message, ref reading);
        }

        /// <summary>The motion to show now, into <paramref name="pose"/>; it stays as it is while nothing is due.</summary>
        public void Show(Reading reading, RigPose pose)
        {
            if (_buffer == null) return;
            var timeS = Advance(ref reading);
            PlaceWaiting(ref reading);
            var shownS = _buffer.Sample(timeS, pose);
            if (!double.IsNaN(shownS)) ShownS = shownS;
            if (_buffer.IsHeld) _counters.Underruns++;
        }

        /// <summary>Tell the bridge what has been heard, if that is news. To be called ten times a second.</summary>
        public void Report(Reading reading)
        {
            if (!reading.HasAudio || reading.AudioRun != _audioRun) return;
            var heard = Playlist.HeardAt(reading.HeardS);
            var sample = double.IsNaN(heard) ? Playlist.FinishedAt(reading.HeardS) : (long)Math.Floor(heard);
            if (sample > _reported)
            {
                _reported = sample;
                if (Played != null) Played(Epoch, sample);
            }
            Playlist.Prune(reading.HeardS);
        }

        void Refuse(string fault)
        {
            _counters.Malformed++;
            LastFault = fault;
        }

        void Begin(long epoch, Reading reading)
        {
            Report(reading);
            Drop();
            Epoch = epoch;
        }

        void Drop()
        {
            _speaker.Silence();
            Playlist.Clear();
            if (_buffer != null) _buffer.Clear();
            _waiting.Clear();
            _speechEnd = -1;
        }

        void Take(ref Message message, ref Reading reading)
        {
            switch (message.Type)
            {
                case MessageKind.Layout:
                    LayOut(message.Layout, ref reading);
                    break;
                case MessageKind.Frames:
                    _counters.Frames += message.Count;
                    _buffer.Put(ref message);
                    Observe(message.Start + message.Count - 1, ref reading);
                    break;
                case MessageKind.Audio:
                    if (Layout != null) TakeSpeech(ref message, ref reading);
                    break;
                case MessageKind.Event:
                    if (Happened != null) Happened(message.Event);
                    break;
            }
        }

        void LayOut(Layout layout, ref Reading reading)
        {
            // A tuned rig sends its layout anew: what its frames are made of is the same, so those received stay good.
            if (_buffer == null || !layout.IsSameForm(Layout)) _buffer = new FrameBuffer(layout);
            Layout = layout;
            _clock.Anchor(ref reading, layout.DueIndex);
            Advance(ref reading);
            if (LaidOut != null) LaidOut(layout);
        }

        void TakeSpeech(ref Message speech, ref Reading reading)
        {
            if (speech.Start / (double)Wire.SampleRateHz - Advance(ref reading) > TooEarlyS)
            {
                Refuse("speech lies further ahead than the bridge ever sends it");
                return;
            }
            _speechEnd = Math.Max(_speechEnd, speech.Start + speech.Count);
            PlaceWaiting(ref reading);
            if (reading.HasAudio) Place(ref speech, ref reading, false);
            else _waiting.Add(Kept(ref speech));
        }

        double Advance(ref Reading reading)
        {
            if (reading.HasAudio && reading.AudioRun != _audioRun)
            {
                _audioRun = reading.AudioRun;
                Playlist.Clear();
            }
            return _clock.Advance(ref reading, reading.HasAudio && Playlist.IsPlaying(reading.HeardS));
        }

        void Observe(long newestIndex, ref Reading reading)
        {
            var isSpeech = newestIndex / (double)Wire.Fps < _speechEnd / (double)Wire.SampleRateHz + AfterSpeechS;
            if (!isSpeech) _clock.Observe(ref reading, newestIndex);
        }

        /// <summary>Place the speech that has come; what came before sound ran begins in its middle, where it is now due.</summary>
        void PlaceWaiting(ref Reading reading)
        {
            if (!reading.HasAudio)
            {
                _isBacklog = true;
                ForgetPassed(Advance(ref reading) * Wire.SampleRateHz);
                return;
            }
            for (var i = 0; i < _waiting.Count; i++)
            {
                var speech = _waiting[i];
                Place(ref speech, ref reading, _isBacklog);
            }
            _waiting.Clear();
            _isBacklog = false;
        }

        void ForgetPassed(double sample)
        {
            for (var i = _waiting.Count - 1; i >= 0; i--)
                if (_waiting[i].Start + _waiting[i].Count <= sample) _waiting.RemoveAt(i);
        }

        void Place(ref Message speech, ref Reading reading, bool isBacklog)
        {
            if (speech.Start < Playlist.EndSample)
            {
                PlaceOvertaken(ref speech, ref reading);
                return;
            }
            var first = 0;
            var room = Playlist.EndFrame / (double)Wire.SampleRateHz - reading.RenderS;
            var follows = speech.Start == Playlist.EndSample && room >= _marginS;
            if (!follows)
            {
                var lateS = _clock.Lateness(ref reading, speech.Start);
                if (isBacklog || lateS > TooLateS) first = (int)Math.Ceiling(Math.Max(0, lateS) * Wire.SampleRateHz);
                else if (lateS > 0) _counters.Late++;
            }
            if (first >= speech.Count) return;
            var start = speech.Start + first;
            var frame = follows ? Playlist.EndFrame : _clock.Place(ref reading, start);
            Put(ref speech, first, frame);
        }

        /// <summary>Speech that later speech has overtaken goes where that says, as far as it still can.</summary>
        void PlaceOvertaken(ref Message speech, ref Reading reading)
        {
            if (Playlist.Holds(speech.Start, speech.Count)) return;
            var frame = Playlist.FrameFor(speech.Start);
            var passed = (long)Math.Ceiling((reading.RenderS + _marginS) * Wire.SampleRateHz) - frame;
            var first = (int)Math.Min(speech.Count, Math.Max(0, passed));
            if (first > 0) _counters.Late++;
            if (first < speech.Count) Put(ref speech, first, frame + first);
        }

        void Put(ref Message speech, int first, long frame)
        {
            Playlist.Add(frame, speech.Start + first, speech.Count - first);
            _speaker.Place(ref speech, first, frame);
        }

        /// <summary>A message whose bytes are its own.</summary>
        static Message Kept(ref Message message)
        {
            var kept = message;
            kept.Data = new byte[2 * message.Count];
            kept.Offset = 0;
            Buffer.BlockCopy(message.Data, message.Offset, kept.Data, 0, kept.Data.Length);
            return kept;
        }
    }
}
