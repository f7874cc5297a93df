using System;
using UnityEngine;

/// <summary>A face of discs on a ball, each with the ARKit shapes that concern it. Sizes in metres.</summary>
static class CartoonHead
{
    const int Corners = 40;

    public static GameObject Build()
    {
        var head = GameObject.CreatePrimitive(PrimitiveType.Sphere);
        head.name = "Head";
        head.transform.localScale = new Vector3(0.22f, 0.26f, 0.2f);
        Paint(head.GetComponent<Renderer>(), new Color(0.93f, 0.76f, 0.62f));
        var face = new GameObject("Character");
        head.transform.SetParent(face.transform, false);
        // The character's own left is -X in Unity.
        Eye(face, "Left", -0.042f);
        Eye(face, "Right", 0.042f);
        Brow(face, "Left", -0.042f);
        Brow(face, "Right", 0.042f);
        Mouth(face);
        return face;
    }

    static void Eye(GameObject face, string side, float x)
    {
        var eye = Disc(face, "Eye" + side, new Vector3(x, 0.03f, 0.098f), 0.016f, 0.016f, Color.black);
        Shape(eye, "eyeBlink" + side, p => new Vector3(0, -0.92f * p.y, 0));
        Shape(eye, "eyeWide" + side, p => new Vector3(0, 0.3f * p.y, 0));
        Shape(eye, "eyeSquint" + side, p => new Vector3(0, -0.35f * p.y, 0));
    }

    static void Brow(GameObject face, string side, float x)
    {
        var brow = Disc(face, "Brow" + side, new Vector3(x, 0.062f, 0.098f), 0.024f, 0.004f, new Color(0.3f, 0.2f, 0.1f));
        Shape(brow, "browOuterUp" + side, p => new Vector3(0, p.x * x > 0 ? 0.015f : 0, 0));
        Shape(brow, "browInnerUp", p => new Vector3(0, p.x * x < 0 ? 0.015f : 0, 0));
        Shape(brow, "browDown" + side, p => new Vector3(0, -0.012f, 0));
    }

    static void Mouth(GameObject face)
    {
        var mouth = Disc(face, "Mouth", new Vector3(0, -0.055f, 0.098f), 0.034f, 0.003f, new Color(0.45f, 0.1f, 0.1f));
        Shape(mouth, "jawOpen", p => new Vector3(-0.2f * p.x, p.y < 0 ? -0.05f * Arch(p) : 0, 0));
        Shape(mouth, "mouthClose", p => new Vector3(0, p.y < 0 ? 0.05f * Arch(p) : 0, 0));
        Shape(mouth, "mouthPucker", p => new Vector3(-0.6f * p.x, 1.2f * p.y, 0));
        Shape(mouth, "mouthFunnel", p => new Vector3(-0.5f * p.x, 0.012f * Math.Sign(p.y) * Arch(p), 0));
        Shape(mouth, "mouthUpperUpLeft", p => new Vector3(0, p.y > 0 && p.x < 0 ? 0.008f * Arch(p) : 0, 0));
        Shape(mouth, "mouthUpperUpRight", p => new Vector3(0, p.y > 0 && p.x > 0 ? 0.008f * Arch(p) : 0, 0));
        Shape(mouth, "mouthLowerDownLeft", p => new Vector3(0, p.y < 0 && p.x < 0 ? -0.008f * Arch(p) : 0, 0));
        Shape(mouth, "mouthLowerDownRight", p => new Vector3(0, p.y < 0 && p.x > 0 ? -0.008f * Arch(p) : 0, 0));
        Shape(mouth, "mouthSmileLeft", p => p.x < 0 ? new Vector3(0.3f * p.x, -0.5f * p.x, 0) : Vector3.zero);
        Shape(mouth, "mouthSmileRight", p => p.x > 0 ? new Vector3(0.3f * p.x, 0.5f * p.x, 0) : Vector3.zero);
        Shape(mouth, "mouthFrownLeft", p => p.x < 0 ? new Vector3(0, 0.4f * p.x, 0) : Vector3.zero);
        Shape(mouth, "mouthFrownRight", p => p.x > 0 ? new Vector3(0, -0.4f * p.x, 0) : Vector3.zero);
        Shape(mouth, "mouthStretchLeft", p => p.x < 0 ? new Vector3(0.3f * p.x, 0, 0) : Vector3.zero);
        Shape(mouth, "mouthStretchRight", p => p.x > 0 ? new Vector3(0.3f * p.x, 0, 0) : Vector3.zero);
    }

    /// <summary>1 in the middle of the mouth, 0 at its corners.</summary>
    static float Arch(Vector3 p)
    {
        var share = p.x / 0.034f;
        return (float)Math.Sqrt(Math.Max(0, 1 - share * share));
    }

    static Mesh Disc(GameObject face, string name, Vector3 at, float halfWidth, float halfHeight, Color color)
    {
        var points = new Vector3[Corners + 1];
        var triangles = new int[3 * Corners];
        for (var i = 0; i < Corners; i++)
        {
            var angle = 2 * Math.PI * i / Corners;
            points[i + 1] = new Vector3(halfWidth * (float)Math.Cos(angle), halfHeight * (float)Math.Sin(angle), 0);
            // Clockwise as seen from +Z, where the camera stands.
            triangles[3 * i + 1] = i + 1;
            triangles[3 * i + 2] = (i + 1) % Corners + 1;
        }
        var mesh = new Mesh { name = name, vertices = points, triangles = triangles };
        mesh.RecalculateNormals();
        mesh.bounds = new Bounds(Vector3.zero, new Vector3(0.2f, 0.2f, 0.2f));
        var part = new GameObject(name);
        part.transform.SetParent(face.transform, false);
        part.transform.localPosition = at;
        var renderer = part.AddComponent<SkinnedMeshRenderer>();
        renderer.sharedMesh = mesh;
        renderer.localBounds = mesh.bounds;
        Paint(renderer, color);
        return mesh;
    }

    static void Shape(Mesh mesh, string name, Func<Vector3, Vector3> move)
    {
        mesh.AddBlendShapeFrame(name, 100, Array.ConvertAll(mesh.vertices, p => move(p)), null, null);
    }

    /// <summary>Flat colour, whichever render pipeline the project has: the sprite shader is part of all.</summary>
    static void Paint(Renderer renderer, Color color)
    {
        renderer.material = new Material(Shader.Find("Sprites/Default")) { color = color };
    }
}
