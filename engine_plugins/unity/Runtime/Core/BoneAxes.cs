namespace AvatarBridge.Core
{
    /// <summary>The axes that a layout's rotations are written in (PROTOCOL.md), and the way from there to Unity's.</summary>
    public enum BoneAxes
    {
        /// <summary>Axes of a newer bridge than this: leave the bones as they are.</summary>
        Unknown,
        /// <summary>Left-handed, Y up, +Z out of the face.</summary>
        Unity,
        /// <summary>Right-handed, Y up, +Z out of the face, +X to the character's own left.</summary>
        Vrm1,
        /// <summary>Right-handed, Y up, -Z out of the face.</summary>
        Vrm0,
        /// <summary>Left-handed, Z up, +Y out of the face, +X to the character's own left.</summary>
        Unreal,
    }

    public static class BoneAxesNames
    {
        /// <summary>The axes that a layout names.</summary>
        public static BoneAxes Of(string name)
        {
            switch (name)
            {
                case "unity": return BoneAxes.Unity;
                case "vrm1": return BoneAxes.Vrm1;
                case "vrm0": return BoneAxes.Vrm0;
                case "unreal": return BoneAxes.Unreal;
                default: return BoneAxes.Unknown;
            }
        }

        /// <summary>A rotation written in these axes, in Unity's. A mirrored space turns the other way round.</summary>
        public static Rotation ToUnity(this BoneAxes axes, Rotation r)
        {
            switch (axes)
            {
                case BoneAxes.Vrm1: return new Rotation(r.X, -r.Y, -r.Z, r.W);
                case BoneAxes.Vrm0: return new Rotation(-r.X, -r.Y, r.Z, r.W);
                case BoneAxes.Unreal: return new Rotation(-r.X, r.Z, r.Y, r.W);
                default: return r;
            }
        }
    }
}
