using System;
using System.Collections.Generic;

namespace AvatarBridge.Core
{
    /// <summary>
    /// What a designer has before them: a rig and an avatar as `/ws/control` tells them, with all values and their ranges.
    /// Values stand as the bridge says them, whoever has set them; nothing is taken as set before it says so.
    /// </summary>
    public sealed class Desk
    {
        readonly Dictionary<string, object> _values = new Dictionary<string, object>();
        readonly Dictionary<string, Control> _controls = new Dictionary<string, Control>();

        /// <summary>A value was set: its path.</summary>
        public event Action<string> Changed;

        /// <summary>Revision, which rises with each change; -1 before the bridge has said anything.</summary>
        public long Revision { get; private set; } = -1;
        public bool CanUndo { get; private set; }
        public bool CanRedo { get; private set; }
        /// <summary>Whether the rig has changes that are not saved.</summary>
        public bool IsUnsaved { get; private set; }
        /// <summary>What the bridge refused last, in words, or its last trouble; empty while there is none.</summary>
        public string LastError { get; private set; } = "";
        /// <summary>Messages that could not be read.</summary>
        public long Malformed { get; private set; }

        /// <summary>What <paramref name="path"/> takes, by the schema's own path such as `rig.curves.*.gain`; null where it is unknown.</summary>
        public Control Control(string path)
        {
            Control control;
            return _controls.TryGetValue(path, out control) ? control : null;
        }

        /// <summary>A value that is a number; NaN where it is none or not known.</summary>
        public double Number(string path)
        {
            object value;
            return _values.TryGetValue(path, out value) && value is double ? (double)value : double.NaN;
        }

        /// <summary>A value that is text; empty where it is none or not known.</summary>
        public string Text(string path)
        {
            object value;
            return _values.TryGetValue(path, out value) && value is string ? (string)value : "";
        }

        /// <summary>The connection is gone: what was known may be old.</summary>
        public void Disconnected()
        {
            Revision = -1;
            _values.Clear();
            _controls.Clear();
        }

        /// <summary>Take a message of the bridge. One that can't be read is counted and otherwise ignored.</summary>
        public void Receive(string text)
        {
            try
            {
                Take(Json.ParseObject(text));
            }
            catch (WireError)
            {
                Malformed++;
            }
        }

        void Take(Dictionary<string, object> message)
        {
            switch (Field<string>(message, "type"))
            {
                case "state":
                    TakeState(message);
                    break;
                case "changed":
                    var path = Field<string>(message, "path");
                    object value;
                    if (!message.TryGetValue("value", out value)) throw new WireError("a change without a value");
                    _values[path] = value;
                    Revision = (long)Field<double>(message, "rev");
                    LastError = "";
                    if (Changed != null) Changed(path);
                    break;
                case "error":
                    LastError = Field<string>(message, "error");
                    break;
            }
        }

        void TakeState(Dictionary<string, object> message)
        {
            Revision = (long)Field<double>(message, "rev");
            CanUndo = Field<bool>(message, "can_undo");
            CanRedo = Field<bool>(message, "can_redo");
            IsUnsaved = Field<bool>(message, "unsaved");
            object rows, values;
            if (message.TryGetValue("schema", out rows) && rows is List<object>) TakeSchema((List<object>)rows);
            if (message.TryGetValue("values", out values) && values is Dictionary<string, object>)
            {
                _values.Clear();
                foreach (var pair in (Dictionary<string, object>)values) _values[pair.Key] = pair.Value;
            }
        }

        void TakeSchema(List<object> rows)
        {
            _controls.Clear();
            foreach (var row in rows)
            {
                var control = Core.Control.From(row);
                _controls[control.Path] = control;
            }
        }

        static T Field<T>(Dictionary<string, object> message, string name)
        {
            object value;
            if (!message.TryGetValue(name, out value) || !(value is T)) throw new WireError("a message without " + name);
            return (T)value;
        }
    }
}
