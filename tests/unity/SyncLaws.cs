namespace AvatarBridge.Tests { static class SyncLaws { public static string Figures(){ return ""; } } }
