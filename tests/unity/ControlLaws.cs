using System;
using System.Globalization;
using System.Linq;
using System.Threading;
using AvatarBridge.Core;

namespace AvatarBridge.Tests
{
    static class ControlLaws
    {
        const string State = "{\"type\":\"state\",\"rev\":3,\"can_undo\":true,\"can_redo\":false,\"unsaved\":true,"
            + "\"schema\":[{\"path\":\"rig.curves.*.gain\",\"unit\":\"\",\"label\":\"Multiplies.\",\"min\":-10,\"max\":10,\"choices\":[]}],"
            + "\"values\":{\"rig.curves.jawOpen.gain\":1.5,\"emotion.name\":\"happy\"}}";

        [Law]
        public static void TheDeskShowsWhatTheBridgeSays()
        {
            var desk = new Desk();
            desk.Receive(State);
            Check.Near(1.5, desk.Number("rig.curves.jawOpen.gain"), 0, "a number");
            Check.Equal("happy", desk.Text("emotion.name"), "a choice");
            Check.Near(-10, desk.Control("rig.curves.*.gain").Min, 0, "the least");
            var changed = "";
            desk.Changed += path => changed = path;
            desk.Receive("{\"type\":\"changed\",\"path\":\"rig.curves.jawOpen.gain\",\"value\":2,\"rev\":4,\"by\":\"studio\"}");
            Check.Near(2, desk.Number("rig.curves.jawOpen.gain"), 0, "set by another");
            Check.Equal("rig.curves.jawOpen.gain", changed, "told");
            Check.Equal(4L, desk.Revision, "revision");
            desk.Receive("{\"type\":\"error\",\"id\":1,\"error\":\"No.\"}");
            Check.Equal("No.", desk.LastError, "refused");
            desk.Receive("{\"type\":\"news\"}");
            Check.Equal(0L, desk.Malformed, "unknown types are skipped");
        }

        [Law]
        public static void WhateverTheTextTheDeskCountsIt()
        {
            var random = new Random(6);
            var desk = new Desk();
            for (var i = 0; i < 50000; i++)
            {
                var letters = State.ToCharArray();
                for (var hit = 1 + random.Next(6); hit > 0; hit--) letters[random.Next(letters.Length)] = (char)random.Next(32, 127);
                desk.Receive(new string(letters, 0, random.Next(letters.Length + 1)));
            }
            Check.True(desk.Malformed > 10000, "most are counted");
        }

        [Law]
        public static void MessagesAreJsonWhateverIsInThemAndWhereverTheComputerStands()
        {
            var culture = Thread.CurrentThread.CurrentCulture;
            Thread.CurrentThread.CurrentCulture = new CultureInfo("de-DE");
            try
            {
                var set = Json.ParseObject(ControlMessages.Set("rig.curves.a\"b.gain", 0.25, 7));
                Check.Near(0.25, (double)set["value"], 0, "value");
                Check.Equal("rig.curves.a\"b.gain", set["path"], "path");
                var say = Json.ParseObject(ControlMessages.Say("\"Hi\"\n你好", "zh", "", true, 8));
                Check.Equal("\"Hi\"\n你好", say["text"], "text");
                Check.Equal(true, say["interrupt"], "interrupt");
                Check.True(!say.ContainsKey("emotion"), "nothing is said of what is left open");
                var played = Json.ParseObject(Wire.EncodePlayed(2, 61200));
                Check.Near(61200, (double)played["sample"], 0, "sample");
            }
            finally
            {
                Thread.CurrentThread.CurrentCulture = culture;
            }
        }

        [Law]
        public static void WaitingGrowsToFiveSecondsAndIsSpread()
        {
            Check.Near(250, Backoff.Milliseconds(0, 0), 0, "first");
            Check.Near(125, Backoff.Milliseconds(0, 1), 0, "first, at the least");
            Check.Near(2000, Backoff.Milliseconds(3, 0), 0, "fourth");
            Check.True(Enumerable.Range(0, 10000).All(attempt => Backoff.Milliseconds(attempt, 0) <= 5000), "never longer");
        }
    }
}
