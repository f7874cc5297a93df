using UnityEditor;
using UnityEngine;

namespace AvatarBridge.Editor
{
    /// <summary>Shows which bones the character lacks.</summary>
    [CustomEditor(typeof(BodyDriver))]
    public sealed class BodyDriverEditor : UnityEditor.Editor
    {
        public override void OnInspectorGUI()
        {
            DrawDefaultInspector();
            var body = (BodyDriver)target;
            if (Application.isPlaying && body.Unbound.Count > 0)
                EditorGUILayout.HelpBox("The character has no: " + string.Join(", ", body.Unbound), MessageType.Info);
        }
    }
}
