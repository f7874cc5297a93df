namespace AvatarBridge.Sockets
{
    public enum ReceivedKind
    {
        /// <summary>A connection was made, the first or another.</summary>
        Opened,
        Binary,
        Text,
        /// <summary>The connection broke or could not be made; it is tried again by itself.</summary>
        Closed,
    }

    /// <summary>What has come in. Give its bytes back with BridgeSocket.Recycle once they are read.</summary>
    public struct ReceivedMessage
    {
        public ReceivedKind Kind;
        public byte[] Data;
        public int Length;
    }
}
