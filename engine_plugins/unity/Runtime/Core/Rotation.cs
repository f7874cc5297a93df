using System;

namespace AvatarBridge.Core
{
    /// <summary>A rotation as a unit quaternion.</summary>
    public struct Rotation
    {
        public double X;
        public double Y;
        public double Z;
        public double W;

        public static readonly Rotation Identity = new Rotation(0, 0, 0, 1);

        public Rotation(double x, double y, double z, double w)
        {
            X = x;
            Y = y;
            Z = z;
            W = w;
        }

        public Rotation Inverse
        {
            get { return new Rotation(-X, -Y, -Z, W); }
        }

        /// <summary>The rotation along this quaternion of any length; identity for one without length.</summary>
        public static Rotation Normalised(double x, double y, double z, double w)
        {
            var norm = Math.Sqrt(x * x + y * y + z * z + w * w);
            return norm > 0 ? new Rotation(x / norm, y / norm, z / norm, w / norm) : Identity;
        }

        /// <summary>First <paramref name="b"/>, then <paramref name="a"/>, both about the axes of the space around.</summary>
        public static Rotation operator *(Rotation a, Rotation b)
        {
            return new Rotation(
                a.W * b.X + a.X * b.W + a.Y * b.Z - a.Z * b.Y,
                a.W * b.Y - a.X * b.Z + a.Y * b.W + a.Z * b.X,
                a.W * b.Z + a.X * b.Y - a.Y * b.X + a.Z * b.W,
                a.W * b.W - a.X * b.X - a.Y * b.Y - a.Z * b.Z);
        }

        /// <summary>Shoemake's slerp of two unit quaternions by the shorter way (SIGGRAPH 1985).</summary>
        public static Rotation Slerp(Rotation a, Rotation b, double fraction)
        {
            var dot = a.X * b.X + a.Y * b.Y + a.Z * b.Z + a.W * b.W;
            var cos = Math.Abs(dot);
            var ofA = 1 - fraction;
            var ofB = fraction;
            if (cos < 0.9995)
            {
                var angle = Math.Acos(cos);
                var sin = Math.Sin(angle);
                ofA = Math.Sin(ofA * angle) / sin;
                ofB = Math.Sin(ofB * angle) / sin;
            }
            if (dot < 0) ofB = -ofB;
            return Normalised(ofA * a.X + ofB * b.X, ofA * a.Y + ofB * b.Y, ofA * a.Z + ofB * b.Z, ofA * a.W + ofB * b.W);
        }
    }
}
