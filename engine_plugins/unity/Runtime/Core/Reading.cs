namespace AvatarBridge.Core
{
    /// <summary>One instant on all clocks, in seconds.</summary>
    public struct Reading
    {
        /// <summary>The computer's steady clock.</summary>
        public double NowS;
        /// <summary>Whether sound is being put out. What follows counts only then.</summary>
        public bool HasAudio;
        /// <summary>The first instant of the audio clock that is not rendered yet.</summary>
        public double RenderS;
        /// <summary>What comes out of the loudspeaker now, on the audio clock.</summary>
        public double HeardS;
        /// <summary>How long after it is placed at the soonest a sample is heard: the output's latency and one of its buffers.</summary>
        public double LatencyS;
        /// <summary>One more each time that the audio clock began anew.</summary>
        public int AudioRun;

        /// <summary>The clock that the picture goes by.</summary>
        public double ClockS
        {
            get { return HasAudio ? HeardS : NowS; }
        }

        public static Reading WithoutAudio(double nowS)
        {
            return new Reading { NowS = nowS };
        }
    }
}
