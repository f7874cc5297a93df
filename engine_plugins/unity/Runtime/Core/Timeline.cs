using System;

namespace AvatarBridge.Core
{
    /// <summary>
    /// Maps a clock to a subject's timeline, both in seconds: straight pieces, each from a reading of the clock on. A piece
    /// may begin in the future, so a move falls exactly where it is heard.
    /// </summary>
    public sealed class Timeline
    {
        struct Piece
        {
            public double From;
            public double Time;
            public double Rate;

            public double At(double clockS)
            {
                return Time + (clockS - From) * Rate;
            }
        }

        const double Nothing = 1e-7;

        readonly Piece[] _pieces = new Piece[4];
        int _count;

        /// <summary>From <paramref name="clockS"/> on, the timeline stands at <paramref name="timeS"/>; what was before is forgotten.</summary>
        public void Begin(double clockS, double timeS)
        {
            _pieces[0] = new Piece { From = clockS, Time = timeS, Rate = 1 };
            _count = 1;
        }

        /// <summary>Where the timeline stands at a reading of the clock.</summary>
        public double At(double clockS)
        {
            for (var i = _count - 1; i > 0; i--)
                if (_pieces[i].From <= clockS) return _pieces[i].At(clockS);
            return _pieces[0].At(clockS);
        }

        /// <summary>When the clock will read <paramref name="timeS"/>, going by the newest piece.</summary>
        public double ClockAt(double timeS)
        {
            var piece = _pieces[_count - 1];
            return piece.From + (timeS - piece.Time) / piece.Rate;
        }

        /// <summary>From <paramref name="clockS"/> on, the timeline stands at <paramref name="timeS"/> and runs as the clock does.</summary>
        public void MoveAt(double clockS, double timeS)
        {
            var newest = _pieces[_count - 1];
            if (newest.Rate == 1 && Math.Abs(newest.At(clockS) - timeS) < Nothing) return;
            while (_count > 0 && _pieces[_count - 1].From >= clockS) _count--;
            if (_count == _pieces.Length)
            {
                Array.Copy(_pieces, 1, _pieces, 0, _pieces.Length - 1);
                _count--;
            }
            _pieces[_count++] = new Piece { From = clockS, Time = timeS, Rate = 1 };
        }

        /// <summary>From <paramref name="clockS"/> on, go on from where the timeline stands, at another rate.</summary>
        public void Slew(double clockS, double rate)
        {
            var newest = _pieces[_count - 1];
            _pieces[_count - 1] = new Piece { From = clockS, Time = newest.At(clockS), Rate = rate };
        }

        /// <summary>Whether a move is still to come.</summary>
        public bool IsMoving(double clockS)
        {
            return _pieces[_count - 1].From > clockS;
        }
    }
}
