using System;

namespace AvatarBridge.Core
{
    /// <summary>A frame: a value for each curve, in the layout's range, and a rotation for each bone.</summary>
    public sealed class RigPose
    {
        public readonly float[] Curves;
        public readonly Rotation[] Bones;

        public RigPose(Layout layout)
        {
            Curves = new float[layout.Curves.Length];
            Bones = new Rotation[layout.Bones.Length];
            for (var b = 0; b < Bones.Length; b++) Bones[b] = Rotation.Identity;
        }

        /// <summary>Become what lies between two poses.</summary>
        public void Blend(RigPose a, RigPose b, double fraction)
        {
            var share = (float)fraction;
            for (var c = 0; c < Curves.Length; c++) Curves[c] = a.Curves[c] + (b.Curves[c] - a.Curves[c]) * share;
            for (var i = 0; i < Bones.Length; i++) Bones[i] = Rotation.Slerp(a.Bones[i], b.Bones[i], fraction);
        }

        /// <summary>Become equal to another pose of the same layout.</summary>
        public void Copy(RigPose other)
        {
            Array.Copy(other.Curves, Curves, Curves.Length);
            Array.Copy(other.Bones, Bones, Bones.Length);
        }
    }
}
