using System;

namespace AvatarBridge.Core
{
    public static class Backoff
    {
        const double FirstMs = 250;
        const double LongestMs = 5000;

        /// <summary>
        /// How long to wait before connecting again: twice as long each time, up to five seconds, less a random part so
        /// that many clients do not return at once. <paramref name="random"/> lies in 0..1.
        /// </summary>
        public static double Milliseconds(int attempt, double random)
        {
            return Math.Min(LongestMs, FirstMs * Math.Pow(2, Math.Min(attempt, 16))) * (1 - 0.5 * random);
        }
    }
}
