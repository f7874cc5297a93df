using System.Text;

namespace AvatarBridge.Core
{
    /// <summary>What a client says on `/ws/control`. A refusal comes back with the `id` that was sent.</summary>
    public static class ControlMessages
    {
        /// <summary>Set a number.</summary>
        public static string Set(string path, double value, long id)
        {
            return SetTo(path, Json.Number(value), id);
        }

        /// <summary>Set a text, which has to be one of the path's choices.</summary>
        public static string Choose(string path, string choice, long id)
        {
            return SetTo(path, Json.Quote(choice), id);
        }

        /// <summary>Let go of what was held by hand.</summary>
        public static string Release(string path, long id)
        {
            return SetTo(path, "null", id);
        }

        public static string Undo(long id)
        {
            return Plain("undo", id);
        }

        public static string Redo(long id)
        {
            return Plain("redo", id);
        }

        /// <summary>Keep the rig as it was tuned.</summary>
        public static string Save(long id)
        {
            return Plain("save", id);
        }

        public static string Stop(long id)
        {
            return Plain("stop", id);
        }

        /// <summary>Say a line. An empty language or emotion leaves the choice to the bridge.</summary>
        public static string Say(string text, string language, string emotion, bool interrupt, long id)
        {
            var message = new StringBuilder("{\"type\":\"say\",\"text\":").Append(Json.Quote(text));
            if (!string.IsNullOrEmpty(language)) message.Append(",\"lang\":").Append(Json.Quote(language));
            if (!string.IsNullOrEmpty(emotion)) message.Append(",\"emotion\":").Append(Json.Quote(emotion));
            if (interrupt) message.Append(",\"interrupt\":true");
            return message.Append(",\"id\":").Append(id).Append('}').ToString();
        }

        static string SetTo(string path, string json, long id)
        {
            return "{\"type\":\"set\",\"path\":" + Json.Quote(path) + ",\"value\":" + json + ",\"id\":" + id + "}";
        }

        static string Plain(string type, long id)
        {
            return "{\"type\":\"" + type + "\",\"id\":" + id + "}";
        }
    }
}
