using System;
using UnityEngine;

namespace AvatarBridge
{
    /// <summary>Where the bridge is and whom to take from it; an asset that components share.</summary>
    [CreateAssetMenu(menuName = "Avatar Bridge/Connection", fileName = "BridgeConnection")]
    public sealed class BridgeConnection : ScriptableObject
    {
        [Tooltip("The computer that the bridge runs on.")]
        public string host = "127.0.0.1";
        public int port = 8765;
        [Tooltip("The bridge serves TLS (https).")]
        public bool secure = false;
        [Tooltip("The server's token, where it has one.")]
        public string token = "";
        [Tooltip("Which avatar. It is made on first use.")]
        public string subject = "avatar";
        [Tooltip("What curves and bones are called. 'unity' for ARKit shapes and Humanoids; 'rigs list' on the bridge shows others.")]
        public string rig = "unity";
        [Tooltip("How long frames wait so that the network's jitter cannot show, in milliseconds.")]
        [Range(20, 500)] public float bufferMs = 100;
        [Tooltip("How much later sound is heard than Unity's buffers explain, in milliseconds: wireless headphones have 100 to 300.")]
        [Range(0, 500)] public float extraLatencyMs = 0;

        public Uri StreamAddress(bool withAudio)
        {
            return Address("stream", withAudio ? "" : "&audio=0");
        }

        public Uri ControlAddress
        {
            get { return Address("control", ""); }
        }

        Uri Address(string socket, string more)
        {
            var query = "subject=" + Uri.EscapeDataString(subject) + "&rig=" + Uri.EscapeDataString(rig) + more;
            return new Uri((secure ? "wss://" : "ws://") + host + ":" + port + "/ws/" + socket + "?" + query);
        }
    }
}
