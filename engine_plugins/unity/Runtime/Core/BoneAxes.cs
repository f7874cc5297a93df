using System;

namespace AvatarBridge.Core
{
    /// <summary>The axes that a rig's rotations are written in, and the way from there to Unity's.</summary>
    public enum BoneAxes
    {
        /// <summary>Left-handed, Y up, +Z out of the face.</summary>
        Unity,
        /// <summary>Right-handed, Y up, +Z out of the face, +X to the character's own left.</summary>
        Vrm1,
        /// <summary>Right-handed, Y up, -Z out of the face.</summary>
        Vrm0,
    }

    public static class BoneAxesExtensions
    {
        /// <summary>
        /// The axes of the bridge's rig <paramref name="rig"/>. A layout does not say them; rigs in Unity's and VRM 0's axes are
        /// named for it, all others are in VRM 1's.
        /// </summary>
        public static BoneAxes OfRig(string rig)
        {
            if (rig.StartsWith("unity", StringComparison.Ordinal)) return BoneAxes.Unity;
            return rig.StartsWith("vrm0", StringComparison.Ordinal) ? BoneAxes.Vrm0 : BoneAxes.Vrm1;
        }

        /// <summary>A rotation written in these axes, in Unity's. A mirrored space turns the other way round.</summary>
        public static Rotation ToUnity(this BoneAxes axes, Rotation r)
        {
            switch (axes)
            {
                case BoneAxes.Vrm1: return new Rotation(r.X, -r.Y, -r.Z, r.W);
                case BoneAxes.Vrm0: return new Rotation(-r.X, -r.Y, r.Z, r.W);
                default: return r;
            }
        }
    }
}
