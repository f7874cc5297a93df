using System;
using System.Collections.Generic;

namespace AvatarBridge.Core
{
    /// <summary>What the numbers of the frames mean. Sent first and whenever it changes.</summary>
    public sealed class Layout
    {
        public readonly string Subject;
        /// <summary>The frame due at the bridge as the layout was sent.</summary>
        public readonly long DueIndex;
        public readonly bool Primary;
        public readonly string[] Curves;
        public readonly string[] Bones;
        public readonly double CurveMin;
        public readonly double CurveMax;
        /// <summary>What the rotations of bones are written in.</summary>
        public readonly BoneAxes Axes;

        public Layout(string subject, long dueIndex, bool primary, string[] curves, string[] bones, double min, double max,
            BoneAxes axes = BoneAxes.Vrm1)
        {
            Subject = subject;
            DueIndex = dueIndex;
            Primary = primary;
            Curves = curves;
            Bones = bones;
            CurveMin = min;
            CurveMax = max;
            Axes = axes;
        }

        /// <summary>The length of one frame on the wire.</summary>
        public int FrameBytes
        {
            get { return Curves.Length + Wire.BoneBytes * Bones.Length; }
        }

        /// <summary>Whether frames made for one can be read with the other.</summary>
        public bool IsSameForm(Layout other)
        {
            return CurveMin == other.CurveMin && CurveMax == other.CurveMax && Axes == other.Axes
                && Equal(Curves, other.Curves) && Equal(Bones, other.Bones);
        }

        /// <summary>The layout that the fields of a message say. Throws WireError where it is not whole.</summary>
        public static Layout From(Dictionary<string, object> fields)
        {
            var range = Numbers(fields, "curve_range");
            if (range.Length != 2 || !(range[0] < range[1])) throw new WireError("the layout's range of curves is empty");
            if (Number(fields, "curve_steps") != Wire.CurveSteps || Number(fields, "bone_steps") != Wire.BoneSteps)
                throw new WireError("the layout has a precision that this reader does not know");
            var dueIndex = Number(fields, "due_index");
            if (!(Math.Abs(dueIndex) < 1e15)) throw new WireError("the layout's due_index is no index");
            var curves = Names(fields, "curves");
            var bones = Names(fields, "bones");
            // A bridge that does not say the axes has them as VRM 1 does.
            var axes = fields.ContainsKey("axes") ? BoneAxesNames.Of(Field<string>(fields, "axes")) : BoneAxes.Vrm1;
            return new Layout(Field<string>(fields, "subject"), (long)dueIndex, Field<bool>(fields, "primary"), curves, bones, range[0], range[1], axes);
        }

        static T Field<T>(Dictionary<string, object> fields, string name)
        {
            object value;
            if (!fields.TryGetValue(name, out value) || !(value is T)) throw new WireError("the layout has no " + name);
            return (T)value;
        }

        static double Number(Dictionary<string, object> fields, string name)
        {
            return Field<double>(fields, name);
        }

        static double[] Numbers(Dictionary<string, object> fields, string name)
        {
            var items = Field<List<object>>(fields, name);
            if (!items.TrueForAll(item => item is double)) throw new WireError("the layout's " + name + " are no numbers");
            return items.ConvertAll(item => (double)item).ToArray();
        }

        static string[] Names(Dictionary<string, object> fields, string name)
        {
            var items = Field<List<object>>(fields, name);
            if (!items.TrueForAll(item => item is string)) throw new WireError("the layout's " + name + " are no names");
            return items.ConvertAll(item => (string)item).ToArray();
        }

        static bool Equal(string[] a, string[] b)
        {
            if (a.Length != b.Length) return false;
            for (var i = 0; i < a.Length; i++)
                if (a[i] != b[i]) return false;
            return true;
        }
    }
}
