using UnityEditor;
using UnityEngine;

namespace AvatarBridge.Editor
{
    /// <summary>Shows how the connection stands, says lines, and tunes the rig while playing.</summary>
    [CustomEditor(typeof(BridgeReceiver))]
    public sealed class BridgeReceiverEditor : UnityEditor.Editor
    {
        readonly TuningView _tuning = new TuningView();
        string _line = "Hello, this is a test.";

        public override bool RequiresConstantRepaint()
        {
            return Application.isPlaying;
        }

        public override void OnInspectorGUI()
        {
            DrawDefaultInspector();
            EditorGUILayout.Space();
            if (!Application.isPlaying)
            {
                EditorGUILayout.HelpBox("Press Play to connect, to speak and to tune.", MessageType.Info);
                return;
            }
            var receiver = (BridgeReceiver)target;
            ShowStatus(receiver);
            if (receiver.Control == null || !receiver.Control.IsReady) return;
            Speak(receiver);
            _tuning.Show(receiver.Control, receiver.Layout);
        }

        static void ShowStatus(BridgeReceiver receiver)
        {
            EditorGUILayout.HelpBox(receiver.Status, receiver.Layout == null ? MessageType.Warning : MessageType.Info);
            var counters = receiver.Counters;
            EditorGUILayout.LabelField("Frames received", counters.Frames.ToString());
            EditorGUILayout.LabelField("Frames missing when due", counters.Underruns.ToString());
            EditorGUILayout.LabelField("Speech that came late", counters.Late.ToString());
            EditorGUILayout.LabelField("Messages not understood", counters.Malformed.ToString());
            if (receiver.Voice != null)
                EditorGUILayout.LabelField("Output latency", (1000 * receiver.Voice.OutputLatencyS).ToString("0") + " ms by Unity's buffers");
        }

        void Speak(BridgeReceiver receiver)
        {
            EditorGUILayout.BeginHorizontal();
            _line = EditorGUILayout.TextField(_line);
            if (GUILayout.Button("Say", GUILayout.Width(50))) receiver.Say(_line);
            if (GUILayout.Button("Stop", GUILayout.Width(50))) receiver.StopSpeaking();
            EditorGUILayout.EndHorizontal();
        }
    }
}
