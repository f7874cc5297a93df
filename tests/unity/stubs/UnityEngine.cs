// Minimal declarations of the engine types that the package uses, from Unity's scripting reference (2021.3), so that the
// engine layer is compiled where there is no engine. Nothing here runs.
using System;

namespace UnityEngine
{
    public sealed class SerializeField : Attribute { }

    public sealed class TooltipAttribute : Attribute { public TooltipAttribute(string tooltip) { } }

    public sealed class RangeAttribute : Attribute { public RangeAttribute(float min, float max) { } }

    public sealed class RequireComponent : Attribute { public RequireComponent(Type requiredComponent) { } }

    public sealed class AddComponentMenu : Attribute { public AddComponentMenu(string menuName) { } }

    public sealed class DefaultExecutionOrder : Attribute { public DefaultExecutionOrder(int order) { } }

    public sealed class CreateAssetMenuAttribute : Attribute
    {
        public string menuName { get; set; }
        public string fileName { get; set; }
    }

    public class Object
    {
        public string name { get; set; }
        public static bool operator ==(Object a, Object b) { throw new NotImplementedException(); }
        public static bool operator !=(Object a, Object b) { throw new NotImplementedException(); }
        public override bool Equals(object other) { throw new NotImplementedException(); }
        public override int GetHashCode() { throw new NotImplementedException(); }
        public static void Destroy(Object obj) { throw new NotImplementedException(); }
        public static T Instantiate<T>(T original) where T : Object { throw new NotImplementedException(); }
    }

    public class ScriptableObject : Object
    {
        public static T CreateInstance<T>() where T : ScriptableObject { throw new NotImplementedException(); }
    }

    public sealed class GameObject : Object
    {
        public GameObject(string name) { throw new NotImplementedException(); }
        public string tag { get; set; }
        public Transform transform { get { throw new NotImplementedException(); } }
        public void SetActive(bool value) { throw new NotImplementedException(); }
        public T AddComponent<T>() where T : Component { throw new NotImplementedException(); }
        public T GetComponent<T>() { throw new NotImplementedException(); }
        public T GetComponentInChildren<T>() { throw new NotImplementedException(); }
        public static GameObject CreatePrimitive(PrimitiveType type) { throw new NotImplementedException(); }
    }

    public enum PrimitiveType { Sphere, Capsule, Cylinder, Cube, Plane, Quad }

    public class Component : Object
    {
        public GameObject gameObject { get { throw new NotImplementedException(); } }
        public Transform transform { get { throw new NotImplementedException(); } }
        public T GetComponent<T>() { throw new NotImplementedException(); }
        public T GetComponentInParent<T>() { throw new NotImplementedException(); }
        public T GetComponentInChildren<T>() { throw new NotImplementedException(); }
        public T[] GetComponentsInChildren<T>(bool includeInactive) { throw new NotImplementedException(); }
    }

    public class Behaviour : Component
    {
        public bool enabled { get; set; }
        public bool isActiveAndEnabled { get { throw new NotImplementedException(); } }
    }

    public class MonoBehaviour : Behaviour { }

    public class Transform : Component
    {
        public Transform parent { get { throw new NotImplementedException(); } }
        public Vector3 position { get; set; }
        public Quaternion rotation { get; set; }
        public Vector3 localPosition { get; set; }
        public Quaternion localRotation { get; set; }
        public Vector3 localScale { get; set; }
        public void SetParent(Transform parent, bool worldPositionStays) { throw new NotImplementedException(); }
    }

    public struct Vector3
    {
        public float x, y, z;
        public Vector3(float x, float y, float z) { throw new NotImplementedException(); }
        public static Vector3 operator +(Vector3 a, Vector3 b) { throw new NotImplementedException(); }
        public static Vector3 zero { get { throw new NotImplementedException(); } }
    }

    public struct Quaternion
    {
        public float x, y, z, w;
        public Quaternion(float x, float y, float z, float w) { throw new NotImplementedException(); }
        public static Quaternion Euler(float x, float y, float z) { throw new NotImplementedException(); }
        public static Quaternion Slerp(Quaternion a, Quaternion b, float t) { throw new NotImplementedException(); }
    }

    /// <summary>Not used, but there: a name of ours that is the same would not compile in the engine.</summary>
    public struct Pose { }

    public class Motion : Object { }

    public struct Color
    {
        public Color(float r, float g, float b) { throw new NotImplementedException(); }
        public static Color black { get { throw new NotImplementedException(); } }
    }

    public struct Bounds { public Bounds(Vector3 center, Vector3 size) { throw new NotImplementedException(); } }

    public struct Rect { public Rect(float x, float y, float width, float height) { throw new NotImplementedException(); } }

    public struct Mathf
    {
        public static float Clamp01(float value) { throw new NotImplementedException(); }
    }

    public static class Debug { public static void LogError(object message, Object context) { } public static void LogWarning(object message, Object context) { } }

    public enum RuntimePlatform { WebGLPlayer = 17 }

    public static class Application
    {
        public static RuntimePlatform platform { get { throw new NotImplementedException(); } }
        public static bool runInBackground { get; set; }
        public static bool isPlaying { get { throw new NotImplementedException(); } }
    }

    public sealed class AudioClip : Object
    {
        public static AudioClip Create(string name, int lengthSamples, int channels, int frequency, bool stream) { throw new NotImplementedException(); }
        public bool SetData(float[] data, int offsetSamples) { throw new NotImplementedException(); }
    }

    public sealed class AudioSource : Behaviour
    {
        public AudioClip clip { get; set; }
        public bool loop { get; set; }
        public float pitch { get; set; }
        public float dopplerLevel { get; set; }
        public void Play() { throw new NotImplementedException(); }
        public void Stop() { throw new NotImplementedException(); }
    }

    public sealed class AudioListener : Behaviour { }

    public static class AudioSettings
    {
        public delegate void AudioConfigurationChangeHandler(bool deviceWasChanged);
        public static event AudioConfigurationChangeHandler OnAudioConfigurationChanged { add { } remove { } }
        public static double dspTime { get { throw new NotImplementedException(); } }
        public static int outputSampleRate { get; set; }
        public static void GetDSPBufferSize(out int bufferLength, out int numBuffers) { throw new NotImplementedException(); }
    }

    public sealed class Camera : Behaviour
    {
        public static Camera main { get { throw new NotImplementedException(); } }
        public float fieldOfView { get; set; }
        public float nearClipPlane { get; set; }
    }

    public sealed class Shader : Object { public static Shader Find(string name) { throw new NotImplementedException(); } }

    public class Material : Object
    {
        public Material(Shader shader) { throw new NotImplementedException(); }
        public Color color { get; set; }
    }

    public class Renderer : Component { public Material material { get; set; } }

    public sealed class SkinnedMeshRenderer : Renderer
    {
        public Mesh sharedMesh { get; set; }
        public Bounds localBounds { get; set; }
        public void SetBlendShapeWeight(int index, float value) { throw new NotImplementedException(); }
    }

    public sealed class Mesh : Object
    {
        public Vector3[] vertices { get; set; }
        public int[] triangles { get; set; }
        public Bounds bounds { get; set; }
        public int blendShapeCount { get { throw new NotImplementedException(); } }
        public void RecalculateNormals() { throw new NotImplementedException(); }
        public string GetBlendShapeName(int shapeIndex) { throw new NotImplementedException(); }
        public int GetBlendShapeFrameCount(int shapeIndex) { throw new NotImplementedException(); }
        public float GetBlendShapeFrameWeight(int shapeIndex, int frameIndex) { throw new NotImplementedException(); }
        public void AddBlendShapeFrame(string shapeName, float frameWeight, Vector3[] deltaVertices, Vector3[] deltaNormals, Vector3[] deltaTangents) { throw new NotImplementedException(); }
    }

    public struct SkeletonBone
    {
        public string name;
        public Quaternion rotation;
    }

    public struct HumanDescription { public SkeletonBone[] skeleton; }

    public sealed class Avatar : Object { public HumanDescription humanDescription { get { throw new NotImplementedException(); } } }

    public enum HumanBodyBones { Hips, Head = 10, LeftEye = 21, RightEye = 22, UpperChest = 54 }

    public sealed class Animator : Behaviour
    {
        public Avatar avatar { get; set; }
        public bool isHuman { get { throw new NotImplementedException(); } }
        public Transform GetBoneTransform(HumanBodyBones humanBoneId) { throw new NotImplementedException(); }
    }

    public class GUIContent { public GUIContent(string text, string tooltip) { } }

    public class GUIStyle { }

    public class GUILayoutOption { }

    public static class GUILayout
    {
        public static void BeginArea(Rect screenRect) { throw new NotImplementedException(); }
        public static void EndArea() { throw new NotImplementedException(); }
        public static void BeginHorizontal(params GUILayoutOption[] options) { throw new NotImplementedException(); }
        public static void EndHorizontal() { throw new NotImplementedException(); }
        public static void Label(string text, params GUILayoutOption[] options) { throw new NotImplementedException(); }
        public static bool Button(string text, params GUILayoutOption[] options) { throw new NotImplementedException(); }
        public static string TextField(string text, params GUILayoutOption[] options) { throw new NotImplementedException(); }
        public static GUILayoutOption Width(float width) { throw new NotImplementedException(); }
    }
}

namespace UnityEngine.Events
{
    public delegate void UnityAction<T0>(T0 arg0);

    public class UnityEvent<T0>
    {
        public void AddListener(UnityAction<T0> call) { throw new NotImplementedException(); }
        public void Invoke(T0 arg0) { throw new NotImplementedException(); }
    }
}
