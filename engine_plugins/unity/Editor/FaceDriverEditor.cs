using UnityEditor;
using UnityEngine;

namespace AvatarBridge.Editor
{
    /// <summary>Shows what of the face found its shape and what did not.</summary>
    [CustomEditor(typeof(FaceDriver))]
    public sealed class FaceDriverEditor : UnityEditor.Editor
    {
        public override bool RequiresConstantRepaint()
        {
            return Application.isPlaying;
        }

        public override void OnInspectorGUI()
        {
            DrawDefaultInspector();
            var face = (FaceDriver)target;
            if (!Application.isPlaying || face.Receiver == null || face.Receiver.Layout == null) return;
            EditorGUILayout.LabelField("Shapes that move", face.BoundCount.ToString());
            if (GUILayout.Button("Bind again")) face.Rebind();
            if (face.Unbound.Count > 0)
                EditorGUILayout.HelpBox("No mesh has: " + string.Join(", ", face.Unbound), MessageType.Warning);
        }
    }
}
