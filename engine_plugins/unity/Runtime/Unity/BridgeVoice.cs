using System;
using AvatarBridge.Core;
using UnityEngine;

namespace AvatarBridge
{
    /// <summary>
    /// The voice, out of the AudioSource beside it. That plays a loop of ones, so that volume, mixer and the voice's place in the
    /// room are those of any AudioSource; on the audio thread it is multiplied by the speech that is due.
    /// </summary>
    [RequireComponent(typeof(AudioSource))]
    [AddComponentMenu("Avatar Bridge/Bridge Voice")]
    public sealed class BridgeVoice : MonoBehaviour
    {
        const double MarginS = 0.01;

        AudioSource _source;
        AudioClip _ones;
        volatile Speaker _speaker;
        double _extraLatencyS;
        int _outputHz;

        /// <summary>What the audio thread renders from, as long as the component lives.</summary>
        public Speaker Speaker
        {
            get { return _speaker; }
        }

        /// <summary>How far ahead of the mixer speech must be placed: a buffer may be rendered at any moment.</summary>
        public double PlacingMarginS { get; private set; }

        /// <summary>How long after it is rendered sound is heard, as far as Unity's buffers tell, in seconds.</summary>
        public double OutputLatencyS { get; private set; }

        /// <summary>How much later sound is heard than Unity knows, in seconds. May be set while it plays.</summary>
        public double ExtraLatencyS
        {
            get { return _extraLatencyS; }
            set
            {
                if (value == _extraLatencyS) return;
                _extraLatencyS = value;
                _speaker.SetLatency(OutputLatencyS + value);
            }
        }

        void Awake()
        {
            _speaker = new Speaker(Wire.SampleRateHz, 0);
        }

        void OnEnable()
        {
            _source = GetComponent<AudioSource>();
            AudioSettings.OnAudioConfigurationChanged += OnAudioConfigurationChanged;
            Begin();
        }

        void OnDisable()
        {
            AudioSettings.OnAudioConfigurationChanged -= OnAudioConfigurationChanged;
            _source.Stop();
            Destroy(_ones);
        }

        void OnAudioConfigurationChanged(bool deviceWasChanged)
        {
            _source.Stop();
            Destroy(_ones);
            Begin();
        }

        void Begin()
        {
            int frames, buffers;
            AudioSettings.GetDSPBufferSize(out frames, out buffers);
            _outputHz = AudioSettings.outputSampleRate;
            // One of the ring's buffers is being filled; the others wait before it.
            OutputLatencyS = (buffers - 1) * frames / (double)_outputHz;
            PlacingMarginS = MarginS + frames / (double)_outputHz;
            _speaker.Configure(_outputHz, OutputLatencyS + _extraLatencyS);
            _ones = Ones(_outputHz);
            _source.clip = _ones;
            _source.loop = true;
            _source.pitch = 1;
            _source.dopplerLevel = 0;
            _source.Play();
        }

        void OnAudioFilterRead(float[] data, int channels)
        {
            if (_speaker == null) return;
            var frame = (long)Math.Round(AudioSettings.dspTime * _outputHz);
            _speaker.Render(data, channels, frame, SteadyClock.NowS);
        }

        static AudioClip Ones(int hz)
        {
            var ones = new float[hz];
            for (var i = 0; i < hz; i++) ones[i] = 1;
            var clip = AudioClip.Create("ones", hz, 1, hz, false);
            clip.SetData(ones, 0);
            return clip;
        }
    }
}
