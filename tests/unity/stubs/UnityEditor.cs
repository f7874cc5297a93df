using System;
using UnityEngine;

namespace UnityEditor
{
    public sealed class CustomEditor : Attribute { public CustomEditor(Type inspectedType) { } }

    public class Editor : ScriptableObject
    {
        public UnityEngine.Object target { get; set; }
        public virtual void OnInspectorGUI() { throw new NotImplementedException(); }
        public virtual bool RequiresConstantRepaint() { throw new NotImplementedException(); }
        public bool DrawDefaultInspector() { throw new NotImplementedException(); }
    }

    public enum MessageType { None, Info, Warning, Error }

    public static class EditorStyles { public static GUIStyle boldLabel { get { throw new NotImplementedException(); } } }

    public static class EditorGUI
    {
        public static int indentLevel { get; set; }
        public static void BeginChangeCheck() { throw new NotImplementedException(); }
        public static bool EndChangeCheck() { throw new NotImplementedException(); }
        public static void BeginDisabledGroup(bool disabled) { throw new NotImplementedException(); }
        public static void EndDisabledGroup() { throw new NotImplementedException(); }
    }

    public static class EditorGUILayout
    {
        public static void Space() { throw new NotImplementedException(); }
        public static void HelpBox(string message, MessageType type) { throw new NotImplementedException(); }
        public static void LabelField(string label, string label2, params GUILayoutOption[] options) { throw new NotImplementedException(); }
        public static void LabelField(string label, GUIStyle style, params GUILayoutOption[] options) { throw new NotImplementedException(); }
        public static Rect BeginHorizontal(params GUILayoutOption[] options) { throw new NotImplementedException(); }
        public static void EndHorizontal() { throw new NotImplementedException(); }
        public static string TextField(string text, params GUILayoutOption[] options) { throw new NotImplementedException(); }
        public static string TextField(string label, string text, params GUILayoutOption[] options) { throw new NotImplementedException(); }
        public static int Popup(string label, int selectedIndex, string[] displayedOptions, params GUILayoutOption[] options) { throw new NotImplementedException(); }
        public static bool Foldout(bool foldout, string content, bool toggleOnLabelClick) { throw new NotImplementedException(); }
        public static float Slider(GUIContent label, float value, float leftValue, float rightValue, params GUILayoutOption[] options) { throw new NotImplementedException(); }
    }
}
