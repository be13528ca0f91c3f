/// States, countries and large cities; a modest list written for this screen.
enum Places {
    private static func entries(_ lines: String...) -> Set<String> {
        Set(lines.flatMap { $0.split(separator: ",").map(String.init) })
    }

    /// Whether a word in lower case is a country, a people or a state: too wide to be an identifier.
    static func isWide(_ word: String) -> Bool {
        countries.contains(word) || peoples.contains(word) || stateNames.contains(word)
    }

    /// The two-letter codes of the United States, in lower case.
    static let stateCodes = entries(
        "al,ak,az,ar,ca,co,ct,de,fl,ga,hi,id,il,in,ia,ks,ky,la,me,md,ma,mi,mn,ms,mo,mt,ne,nv,nh,nj,nm,ny,nc,nd,oh,ok,or,pa,ri",
        "sc,sd,tn,tx,ut,vt,va,wa,wv,wi,wy,dc,pr")

    /// States of one word.
    static let stateNames = entries(
        "alabama,alaska,arizona,arkansas,california,colorado,connecticut,delaware,florida,georgia,hawaii,idaho,illinois",
        "indiana,iowa,kansas,kentucky,louisiana,maine,maryland,massachusetts,michigan,minnesota,mississippi,missouri,montana",
        "nebraska,nevada,ohio,oklahoma,oregon,pennsylvania,tennessee,texas,utah,vermont,virginia,washington,wisconsin,wyoming"
    )

    /// Countries, by the first word where it stands for them.
    static let countries = entries(
        "afghanistan,albania,algeria,argentina,armenia,australia,austria,azerbaijan,bangladesh,belarus,belgium,bolivia,brazil",
        "bulgaria,cambodia,cameroon,canada,chile,china,colombia,croatia,cuba,cyprus,czechia,denmark,ecuador,egypt,england,eritrea",
        "estonia,ethiopia,fiji,finland,france,germany,ghana,greece,greenland,guatemala,haiti,honduras,hungary,iceland,india",
        "indonesia,iran,iraq,ireland,israel,italy,jamaica,japan,jordan,kazakhstan,kenya,korea,kuwait,laos,latvia,lebanon,liberia",
        "libya,lithuania,luxembourg,malaysia,malta,mexico,moldova,mongolia,morocco,mozambique,myanmar,nepal,netherlands",
        "nicaragua,nigeria,norway,pakistan,panama,paraguay,peru,philippines,poland,portugal,qatar,romania,russia,rwanda,scotland",
        "senegal,serbia,singapore,slovakia,slovenia,somalia,spain,sudan,sweden,switzerland,syria,taiwan,tanzania,thailand,tunisia",
        "turkey,uganda,ukraine,uruguay,usa,uk,us,venezuela,vietnam,wales,yemen,zambia,zimbabwe,europe,africa,asia,america"
    )

    /// Peoples and languages.
    static let peoples = entries(
        "american,african,asian,european,english,british,irish,scottish,welsh,french,german,italian,spanish,portuguese,dutch",
        "belgian,swiss,austrian,danish,swedish,norwegian,finnish,icelandic,polish,czech,slovak,slovenian,croatian,serbian",
        "hungarian,romanian,bulgarian,greek,turkish,russian,ukrainian,estonian,latvian,lithuanian,chinese,japanese,korean",
        "vietnamese,thai,indian,pakistani,filipino,indonesian,mexican,canadian,australian,brazilian,cuban,haitian,egyptian",
        "nigerian,somali,ethiopian,israeli,arab,arabic,hispanic,caucasian,latino,latina,jewish,christian,muslim,catholic,hindu"
    )

    /// Large cities in lower case; none that is better known as a word, a name or an eponym.
    static let cities = entries(
        "new york,new york city,los angeles,chicago,houston,phoenix,philadelphia,san antonio,san diego,dallas,san jose,columbus",
        "charlotte,indianapolis,san francisco,seattle,denver,nashville,oklahoma city,el paso,las vegas,detroit,memphis",
        "louisville,baltimore,milwaukee,albuquerque,tucson,fresno,sacramento,atlanta,kansas city,colorado springs,omaha,raleigh",
        "miami,virginia beach,oakland,minneapolis,tulsa,tampa,new orleans,wichita,cleveland,bakersfield,honolulu,anaheim",
        "lexington,stockton,corpus christi,cincinnati,santa ana,pittsburgh,st louis,greensboro,anchorage,plano,newark,toledo",
        "jersey city,fort wayne,buffalo,scottsdale,baton rouge,spokane,des moines,salt lake city,richmond,rochester,boise",
        "birmingham,syracuse,providence,knoxville,akron,chattanooga,tallahassee,springfield,boston,portland,cambridge,brooklyn",
        "london,manchester,liverpool,leeds,sheffield,bristol,glasgow,edinburgh,cardiff,belfast,dublin,cork,oxford,leicester",
        "paris,lyon,marseille,toulouse,bordeaux,lille,nantes,strasbourg,brussels,antwerp,ghent,bruges,amsterdam,rotterdam",
        "the hague,utrecht,eindhoven,berlin,hamburg,munich,cologne,frankfurt,stuttgart,düsseldorf,leipzig,dresden,bonn,vienna",
        "salzburg,graz,innsbruck,zurich,zürich,geneva,basel,bern,lausanne,copenhagen,aarhus,odense,aalborg,stockholm,gothenburg",
        "göteborg,malmö,uppsala,oslo,bergen,trondheim,stavanger,helsinki,espoo,tampere,turku,oulu,vantaa,reykjavik,tallinn,tartu",
        "riga,vilnius,kaunas,warsaw,kraków,krakow,gdańsk,wrocław,poznań,łódź,prague,brno,ostrava,bratislava,budapest,debrecen",
        "szeged,ljubljana,maribor,zagreb,belgrade,sarajevo,sofia,bucharest,athens,thessaloniki,nicosia,limassol,istanbul",
        "ankara,rome,milan,naples,turin,palermo,genoa,bologna,florence,venice,verona,bari,madrid,barcelona,valencia,seville",
        "zaragoza,málaga,bilbao,lisbon,porto,coimbra,braga,moscow,kiev,kyiv,minsk,odessa,toronto,montreal,vancouver,calgary",
        "ottawa,edmonton,winnipeg,halifax,mexico city,guadalajara,monterrey,tijuana,havana,bogotá,medellín,lima,quito,caracas",
        "santiago,buenos aires,montevideo,são paulo,rio de janeiro,brasília,salvador,recife,curitiba,goiânia,manaus,sydney",
        "melbourne,brisbane,perth,adelaide,canberra,auckland,wellington,christchurch,tokyo,osaka,kyoto,nagoya,sapporo,yokohama",
        "seoul,busan,beijing,shanghai,guangzhou,shenzhen,wuhan,hong kong,taipei,manila,jakarta,bangkok,hanoi,ho chi minh city",
        "kuala lumpur,mumbai,delhi,new delhi,bangalore,chennai,kolkata,hyderabad,karachi,lahore,dhaka,colombo,kathmandu,tehran",
        "baghdad,riyadh,dubai,abu dhabi,doha,beirut,damascus,amman,jerusalem,tel aviv,haifa,cairo,alexandria,casablanca,tunis",
        "algiers,lagos,abuja,accra,nairobi,kampala,addis ababa,johannesburg,cape town,durban,pretoria,harare,lusaka")
}
