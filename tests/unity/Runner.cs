using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Reflection;

namespace AvatarBridge.Tests
{
    /// <summary>A test: a public static method without parameters, whose name is the law it holds.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    sealed class LawAttribute : Attribute { }

    sealed class Broken : Exception
    {
        public Broken(string message) : base(message) { }
    }

    static class Runner
    {
        /// <summary>Run all laws, or those whose name contains an argument. Status 1 if one is broken.</summary>
        static int Main(string[] arguments)
        {
            if (arguments.Contains("--figures"))
            {
                Console.Write(SyncLaws.Figures());
                return 0;
            }
            var laws = Assembly.GetExecutingAssembly().GetTypes()
                .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Static))
                .Where(method => method.GetCustomAttribute<LawAttribute>() != null)
                .Where(method => arguments.Length == 0 || arguments.Any(a => Name(method).Contains(a)))
                .OrderBy(Name).ToList();
            var broken = laws.Count(law => !Holds(law));
            Console.WriteLine("{0} laws hold, {1} are broken", laws.Count - broken, broken);
            return laws.Count == 0 || broken > 0 ? 1 : 0;
        }

        static bool Holds(MethodInfo law)
        {
            var watch = Stopwatch.StartNew();
            try
            {
                law.Invoke(null, null);
                Console.WriteLine("ok      {0} ({1} ms)", Name(law), watch.ElapsedMilliseconds);
                return true;
            }
            catch (TargetInvocationException error)
            {
                var cause = error.InnerException;
                Console.WriteLine("BROKEN  {0}: {1}", Name(law), cause is Broken ? cause.Message : cause.ToString());
                return false;
            }
        }

        static string Name(MethodInfo law)
        {
            return law.DeclaringType.Name + "." + law.Name;
        }
    }

    static class Check
    {
        public static void True(bool holds, string what)
        {
            if (!holds) throw new Broken(what);
        }

        public static void Equal(object wanted, object got, string what)
        {
            if (!Equals(wanted, got)) throw new Broken(string.Format("{0}: wanted {1}, got {2}", what, wanted, got));
        }

        public static void Near(double wanted, double got, double within, string what)
        {
            if (!(Math.Abs(wanted - got) <= within)) throw new Broken(string.Format("{0}: wanted {1}, got {2}", what, wanted, got));
        }

        public static T Throws<T>(Action action, string what) where T : Exception
        {
            try
            {
                action();
            }
            catch (T error)
            {
                return error;
            }
            throw new Broken(what + " was taken");
        }

        public static double Quantile(List<double> values, double share)
        {
            var sorted = values.OrderBy(v => v).ToList();
            return sorted.Count == 0 ? double.NaN : sorted[Math.Min(sorted.Count - 1, (int)(share * sorted.Count))];
        }
    }
}
