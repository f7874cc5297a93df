using System.Diagnostics;

namespace AvatarBridge
{
    /// <summary>The computer's steady clock, which the audio thread may read as well.</summary>
    static class SteadyClock
    {
        public static double NowS
        {
            get { return Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency; }
        }
    }
}
