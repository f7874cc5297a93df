using System;
using System.Collections.Generic;
using AvatarBridge.Core;
using AvatarBridge.Sockets;
using UnityEditor;
using UnityEngine;

namespace AvatarBridge.Editor
{
    /// <summary>
    /// Sliders for each curve of the rig, over `/ws/control`: what is moved here moves in the studio and for all
    /// clients of the rig, and the other way round. Ranges are the bridge's own.
    /// </summary>
    sealed class TuningView
    {
        static readonly string[] _keys = { "gain", "offset", "min", "max", "smoothing_ms" };

        readonly HashSet<string> _open = new HashSet<string>();
        /// <summary>What was sent and is not confirmed yet, so that a slider does not jump back under the hand.</summary>
        readonly Dictionary<string, float> _sent = new Dictionary<string, float>();
        Desk _desk;
        string _filter = "";

        public void Show(ControlLink link, Layout layout)
        {
            Follow(link.Desk);
            EditorGUILayout.Space();
            EditorGUILayout.LabelField("Tuning", EditorStyles.boldLabel);
            ShowButtons(link);
            if (link.Desk.LastError.Length > 0)
            {
                _sent.Clear();
                EditorGUILayout.HelpBox(link.Desk.LastError, MessageType.Warning);
            }
            ShowEmotion(link);
            if (layout == null) return;
            _filter = EditorGUILayout.TextField("Curves with", _filter);
            foreach (var curve in layout.Curves)
                if (curve.IndexOf(_filter, StringComparison.OrdinalIgnoreCase) >= 0) ShowCurve(link, curve);
        }

        void Follow(Desk desk)
        {
            if (_desk == desk) return;
            _desk = desk;
            _sent.Clear();
            desk.Changed += path => _sent.Remove(path);
        }

        static void ShowButtons(ControlLink link)
        {
            EditorGUILayout.BeginHorizontal();
            if (Button("Undo", link.Desk.CanUndo)) link.Undo();
            if (Button("Redo", link.Desk.CanRedo)) link.Redo();
            if (Button("Save", link.Desk.IsUnsaved)) link.Save();
            EditorGUILayout.EndHorizontal();
        }

        static bool Button(string name, bool isEnabled)
        {
            EditorGUI.BeginDisabledGroup(!isEnabled);
            var isPressed = GUILayout.Button(name);
            EditorGUI.EndDisabledGroup();
            return isPressed;
        }

        void ShowEmotion(ControlLink link)
        {
            const string path = "emotion.name";
            var control = link.Desk.Control(path);
            if (control == null) return;
            var choices = new List<string>(control.Choices);
            var now = choices.IndexOf(link.Desk.Text(path));
            var chosen = EditorGUILayout.Popup("Emotion", now, choices.ToArray());
            if (chosen != now && chosen >= 0) link.Choose(path, choices[chosen]);
            Slide(link, "Intensity", "emotion.intensity", "emotion.intensity");
        }

        void ShowCurve(ControlLink link, string curve)
        {
            var isOpen = EditorGUILayout.Foldout(_open.Contains(curve), curve, true);
            if (!isOpen)
            {
                _open.Remove(curve);
                return;
            }
            _open.Add(curve);
            EditorGUI.indentLevel++;
            foreach (var key in _keys) Slide(link, key, "rig.curves." + curve + "." + key, "rig.curves.*." + key);
            EditorGUI.indentLevel--;
        }

        void Slide(ControlLink link, string name, string path, string schemaPath)
        {
            var control = link.Desk.Control(schemaPath);
            var known = link.Desk.Number(path);
            if (control == null || double.IsNaN(known)) return;
            float now;
            if (!_sent.TryGetValue(path, out now)) now = (float)known;
            var label = new GUIContent(control.Unit == "ms" ? "smoothing (ms)" : name, control.Label);
            EditorGUI.BeginChangeCheck();
            var wanted = EditorGUILayout.Slider(label, now, (float)control.Min, (float)control.Max);
            if (!EditorGUI.EndChangeCheck()) return;
            _sent[path] = wanted;
            link.Set(path, wanted);
        }
    }
}
