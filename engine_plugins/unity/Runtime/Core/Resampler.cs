using System;

namespace AvatarBridge.Core
{
    /// <summary>
    /// From the stream's rate to that of the audio output by a windowed sinc, whose taps stand around the instant asked
    /// for: it looks a third of a millisecond ahead instead of delaying. Positions are whole numbers, so hours add no error.
    /// </summary>
    public sealed class Resampler
    {
        const int Half = 12;
        const double KaiserBeta = 7;

        readonly int _down;
        readonly int _up;
        readonly int _half;
        readonly float[] _taps;

        public Resampler(int outputHz)
        {
            OutputHz = outputHz;
            var divisor = Divisor(outputHz, Wire.SampleRateHz);
            _up = outputHz / divisor;
            _down = Wire.SampleRateHz / divisor;
            // Where the output is slower than the stream, what it can't hold is kept out.
            var cutoff = Math.Min(1.0, outputHz / (double)Wire.SampleRateHz);
            _half = (int)Math.Ceiling(Half / cutoff);
            _taps = new float[_up * 2 * _half];
            for (var phase = 0; phase < _up; phase++) Fill(phase, cutoff);
        }

        public int OutputHz { get; }

        /// <summary>How many samples of the stream past the last instant asked for are looked at.</summary>
        public int Lookahead
        {
            get { return _half; }
        }

        /// <summary>Where frame <paramref name="outputFrame"/> of the output stands on the audio clock, in whole samples of the stream.</summary>
        public long FrameOf(long outputFrame)
        {
            return outputFrame / _up * _down + outputFrame % _up * _down / _up;
        }

        /// <summary>The value of the queue at frame <paramref name="outputFrame"/> of the output.</summary>
        public float At(AudioQueue queue, long outputFrame)
        {
            var first = FrameOf(outputFrame) - _half + 1;
            if (first >= queue.End) return 0;
            var at = (int)(outputFrame % _up * _down % _up) * 2 * _half;
            var sum = 0f;
            for (var tap = 0; tap < 2 * _half; tap++) sum += _taps[at + tap] * queue.At(first + tap);
            return sum;
        }

        void Fill(int phase, double cutoff)
        {
            var sum = 0.0;
            var at = phase * 2 * _half;
            for (var tap = 0; tap < 2 * _half; tap++)
            {
                var distance = tap - _half + 1 - phase / (double)_up;
                var value = Sinc(cutoff * distance) * Kaiser(distance / _half);
                _taps[at + tap] = (float)value;
                sum += value;
            }
            for (var tap = 0; tap < 2 * _half; tap++) _taps[at + tap] = (float)(_taps[at + tap] / sum);
        }

        static double Sinc(double x)
        {
            return Math.Abs(x) < 1e-9 ? 1 : Math.Sin(Math.PI * x) / (Math.PI * x);
        }

        static double Kaiser(double x)
        {
            return Math.Abs(x) >= 1 ? 0 : Bessel(KaiserBeta * Math.Sqrt(1 - x * x)) / Bessel(KaiserBeta);
        }

        /// <summary>The modified Bessel function of the first kind and order 0, by its series.</summary>
        static double Bessel(double x)
        {
            var term = 1.0;
            var sum = 1.0;
            for (var k = 1; term > 1e-12 * sum; k++)
            {
                term *= x * x / (4.0 * k * k);
                sum += term;
            }
            return sum;
        }

        static int Divisor(int a, int b)
        {
            return b == 0 ? a : Divisor(b, a % b);
        }
    }
}
