using System;

namespace AvatarBridge.Core
{
    /// <summary>A message that breaks the format. The receiver counts it and goes on.</summary>
    public sealed class WireError : Exception
    {
        public WireError(string message) : base(message) { }
    }
}
