using System;

namespace AvatarBridge.Core
{
    /// <summary>
    /// The one object that two threads share. The engine's audio thread renders from it; the main thread places speech
    /// and reads the clock. The lock is held for microseconds, far less than a buffer lasts.
    /// </summary>
    public sealed class Speaker
    {
        /// <summary>How fast speech that is interrupted goes silent.</summary>
        const int FadeSamples = Wire.SampleRateHz / 100;
        /// <summary>Without a buffer asked for so long, sound has halted.</summary>
        const double HaltedS = 0.5;

        readonly object _lock = new object();
        readonly AudioQueue _queue = new AudioQueue();
        readonly DspClock _clock = new DspClock();
        Resampler _resampler;
        double _latencyS;
        double _bufferS;
        long _nextFrame = long.MinValue;
        double _lastNowS;
        int _run;

        /// <summary>An output of <paramref name="outputHz"/>, whose sound is heard <paramref name="latencyS"/> after it is asked for.</summary>
        public Speaker(int outputHz, double latencyS)
        {
            Configure(outputHz, latencyS);
        }

        /// <summary>Another output has taken over, or the same with other buffers.</summary>
        public void Configure(int outputHz, double latencyS)
        {
            lock (_lock)
            {
                if (_resampler == null || _resampler.OutputHz != outputHz) _resampler = new Resampler(outputHz);
                _latencyS = latencyS;
                _nextFrame = long.MinValue;
            }
        }

        /// <summary>Sound is heard so much after it is asked for, it turns out; what plays goes on.</summary>
        public void SetLatency(double latencyS)
        {
            lock (_lock) _latencyS = latencyS;
        }

        /// <summary>Samples that had no place any more when they were given.</summary>
        public long Lost
        {
            get { lock (_lock) return _queue.Lost; }
        }

        /// <summary>
        /// On the audio thread: the output asks at <paramref name="nowS"/> for the buffer that begins at its frame
        /// <paramref name="outputFrame"/>. All channels of <paramref name="data"/> are multiplied by the speech: what an engine
        /// has put there, for volume and for where the voice stands in the room, remains.
        /// </summary>
        public void Render(float[] data, int channels, long outputFrame, double nowS)
        {
            var frames = data.Length / channels;
            lock (_lock)
            {
                // Engines tell the buffer's place as a time; that it is off by a little does not part it from the last.
                if (_nextFrame != long.MinValue && 2 * Math.Abs(outputFrame - _nextFrame) < frames) outputFrame = _nextFrame;
                Follow(outputFrame, nowS);
                for (var i = 0; i < frames; i++)
                {
                    var sample = _resampler.At(_queue, outputFrame + i);
                    for (var c = 0; c < channels; c++) data[i * channels + c] *= sample;
                }
                _nextFrame = outputFrame + frames;
                _bufferS = frames / (double)_resampler.OutputHz;
                _queue.Release(_resampler.FrameOf(_nextFrame));
            }
        }

        /// <summary>All clocks at <paramref name="nowS"/>.</summary>
        public Reading Read(double nowS)
        {
            lock (_lock)
            {
                var hasAudio = _nextFrame != long.MinValue && nowS - _lastNowS < HaltedS;
                if (!hasAudio) return new Reading { NowS = nowS, AudioRun = _run };
                return new Reading
                {
                    NowS = nowS,
                    HasAudio = true,
                    HeardS = _clock.At(nowS) - _latencyS,
                    RenderS = FirstFree / (double)Wire.SampleRateHz,
                    LatencyS = _latencyS + _bufferS,
                    AudioRun = _run,
                };
            }
        }

        /// <summary>Place the samples of a message from <paramref name="first"/> on, at instant <paramref name="frame"/> of the audio clock.</summary>
        public void Place(ref Message audio, int first, long frame)
        {
            lock (_lock) _queue.Write(ref audio, first, frame);
        }

        /// <summary>Silence all that was placed, within ten milliseconds.</summary>
        public void Silence()
        {
            lock (_lock)
            {
                if (_nextFrame != long.MinValue) _queue.Fade(_resampler.FrameOf(_nextFrame), FadeSamples);
            }
        }

        /// <summary>The first instant that no buffer rendered has looked at.</summary>
        long FirstFree
        {
            get { return _resampler.FrameOf(_nextFrame) + _resampler.Lookahead; }
        }

        void Follow(long outputFrame, double nowS)
        {
            _clock.Observe(nowS, outputFrame / (double)_resampler.OutputHz);
            // What waited for an output that began anew, or that long stood still, is of the past.
            if (_nextFrame == long.MinValue || outputFrame < _nextFrame || nowS - _lastNowS >= HaltedS)
            {
                _queue.Restart(_resampler.FrameOf(outputFrame));
                _run++;
            }
            _lastNowS = nowS;
        }
    }
}
