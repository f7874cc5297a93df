using System;
using AvatarBridge.Core;
using AvatarBridge.Sockets;
using UnityEngine;
using UnityEngine.Events;

namespace AvatarBridge
{
    [Serializable]
    public sealed class TextEvent : UnityEvent<string> { }

    /// <summary>
    /// One avatar of the bridge: it receives, keeps time by the voice, and holds the pose that drivers put on a character.
    /// With a voice beside it or set it plays the speech; without one it only shows.
    /// </summary>
    [DefaultExecutionOrder(-100)]
    [AddComponentMenu("Avatar Bridge/Bridge Receiver")]
    public sealed class BridgeReceiver : MonoBehaviour
    {
        const double ReportEveryS = 0.1;
        /// <summary>The bridge sends 60 frames a second; without any it is gone, whatever the network says.</summary>
        const int SilenceMs = 5000;
        /// <summary>What a speaker stands in for while there is no voice: nothing asks it for sound.</summary>
        const int NoOutputHz = Wire.SampleRateHz;

        [SerializeField] BridgeConnection connection = null;
        [SerializeField] BridgeVoice voice = null;
        [Tooltip("A sentence begins to be sent; it is heard some 300 ms later.")]
        [SerializeField] TextEvent onCaption = new TextEvent();
        [Tooltip("idle, listening, thinking or speaking.")]
        [SerializeField] TextEvent onState = new TextEvent();

        BridgeSocket _socket;
        ControlLink _control;
        Receiver _receiver;
        Speaker _speaker;
        double _reportAtS;
        bool _hasStarted;
        bool _hasWarned;

        /// <summary>What frames are made of has changed: bind anew. Pose and Layout are new.</summary>
        public event Action LaidOut;
        /// <summary>The bridge tells of something, a caption with the times of its words among it.</summary>
        public event Action<BridgeEvent> Happened;

        /// <summary>Set before the component is enabled.</summary>
        public BridgeConnection Connection
        {
            get { return connection; }
            set { connection = value; }
        }

        public BridgeVoice Voice
        {
            get { return voice; }
            set { voice = value; }
        }

        public TextEvent OnCaption
        {
            get { return onCaption; }
        }

        public TextEvent OnState
        {
            get { return onState; }
        }

        /// <summary>What is to be shown now; null before the first layout.</summary>
        public RigPose Pose { get; private set; }

        /// <summary>Where on the timeline what is heard and shown now stands, in seconds; not a number before the first layout.</summary>
        public double ShownS
        {
            get { return _receiver == null ? double.NaN : _receiver.ShownS; }
        }

        /// <summary>What the numbers of Pose mean; null before the first.</summary>
        public Layout Layout
        {
            get { return _receiver == null ? null : _receiver.Layout; }
        }

        /// <summary>Saying, stopping and tuning; null while the component is off.</summary>
        public ControlLink Control
        {
            get { return _control; }
        }

        public Counters Counters
        {
            get { return _receiver == null ? default(Counters) : _receiver.Counters; }
        }

        /// <summary>One line on how it stands, for a person.</summary>
        public string Status
        {
            get
            {
                if (connection == null) return "No connection is set.";
                if (_socket == null) return "Off.";
                if (_socket.IsOpen) return Layout == null ? "Connected; waiting for the layout." : "Connected.";
                return "Not connected to " + connection.host + ":" + connection.port + ". " + _socket.LastError;
            }
        }

        /// <summary>Say a line.</summary>
        public void Say(string text)
        {
            if (_control != null) _control.Say(text);
        }

        /// <summary>Say no more.</summary>
        public void StopSpeaking()
        {
            if (_control != null) _control.Stop();
        }

        /// <summary>The emotion shown while no line brings its own: neutral, happy, sad and so on.</summary>
        public void SetEmotion(string emotion)
        {
            if (_control != null) _control.Choose("emotion.name", emotion);
        }

        void Start()
        {
            // A voice beside it is enabled by now, in whichever order the two stand.
            _hasStarted = true;
            Open();
        }

        void OnEnable()
        {
            if (_hasStarted) Open();
        }

        void OnDisable()
        {
            if (_socket != null) _socket.Dispose();
            if (_control != null) _control.Dispose();
            if (_speaker != null) _speaker.Silence();
            _socket = null;
            _control = null;
        }

        void Open()
        {
            if (connection == null || _socket != null) return;
            if (Application.platform == RuntimePlatform.WebGLPlayer)
            {
                Debug.LogError("Avatar Bridge: WebGL builds have neither sockets nor threads for this; show the bridge's own page /stage instead.", this);
                return;
            }
            if (voice == null) voice = GetComponent<BridgeVoice>();
            var hasVoice = voice != null && voice.isActiveAndEnabled;
            _speaker = hasVoice ? voice.Speaker : new Speaker(NoOutputHz, 0);
            _receiver = new Receiver(_speaker, connection.bufferMs / 1000, hasVoice ? voice.PlacingMarginS : 0);
            _receiver.LaidOut += TakeLayout;
            _receiver.Happened += TakeEvent;
            _receiver.Played += (epoch, sample) => _socket.Send(Wire.EncodePlayed(epoch, sample));
            _socket = new BridgeSocket(connection.StreamAddress(hasVoice), connection.token, SilenceMs);
            _control = new ControlLink(connection.ControlAddress, connection.token);
        }

        void Update()
        {
            if (_socket == null) return;
            if (voice != null) voice.ExtraLatencyS = connection.extraLatencyMs / 1000;
            _control.Poll();
            ReceivedMessage message;
            while (_socket.Poll(out message))
            {
                if (message.Kind == ReceivedKind.Opened) _receiver.Connected();
                else if (message.Kind == ReceivedKind.Binary) _receiver.Receive(message.Data, message.Length, Now);
                _socket.Recycle(message);
            }
            if (Pose != null) _receiver.Show(Now, Pose);
            Report();
        }

        Reading Now
        {
            get { return _speaker.Read(SteadyClock.NowS); }
        }

        void Report()
        {
            var now = Now;
            if (now.NowS < _reportAtS) return;
            _receiver.Report(now);
            _reportAtS = now.NowS + ReportEveryS;
            if (_hasWarned || _receiver.LastFault == null) return;
            _hasWarned = true;
            Debug.LogWarning("Avatar Bridge: a message can't be read and is skipped, as others will be: " + _receiver.LastFault + ".", this);
        }

        void TakeLayout(Layout layout)
        {
            var isSame = Pose != null && Pose.Curves.Length == layout.Curves.Length && Pose.Bones.Length == layout.Bones.Length;
            if (!isSame) Pose = new RigPose(layout);
            if (LaidOut != null) LaidOut();
        }

        void TakeEvent(BridgeEvent happened)
        {
            if (happened.Name == "caption") onCaption.Invoke(happened.Text("text"));
            else if (happened.Name == "state") onState.Invoke(happened.Text("state"));
            if (Happened != null) Happened(happened);
        }
    }
}
