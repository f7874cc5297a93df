using System;
using System.Text.RegularExpressions;

namespace AvatarBridge.Core
{
    /// <summary>One spelling for the names that tools give the same shape.</summary>
    public static class ShapeNames
    {
        /// <summary>
        /// `jawOpen`, `JawOpen`, `eyeBlink_L`, `blendShape1.eyeBlinkLeft`, `A14_Eye_Blink_Left`, `mouthSmile.R`: all of a
        /// kind come out equal.
        /// </summary>
        public static string Key(string name)
        {
            name = Regex.Replace(name, @"[._\- ][Ll]$", "Left");
            name = Regex.Replace(name, @"[._\- ][Rr]$", "Right");
            name = Regex.Replace(name, @"^.*\.", "");
            name = Regex.Replace(name, @"^[A-Z]\d\d_", "");
            return Regex.Replace(name, @"[_\- ]", "").ToLowerInvariant();
        }

        /// <summary>Whether a shape moves the eyeball: superfluous, and doubling, where eye bones do.</summary>
        public static bool IsGaze(string name)
        {
            return Key(name).StartsWith("eyelook", StringComparison.Ordinal);
        }
    }
}
